import type { Command } from 'commander';
import { addAllow } from './allow.ts';
import { addAnalytics } from './analytics.ts';
import { addClient } from './client.ts';
import type { Cli } from './context.ts';
import { addDiff } from './diff.ts';
import { addDoctor } from './doctor.ts';
import { addEngine } from './engine.ts';
import { addExplain } from './explain.ts';
import { addFirstBoot } from './first-boot.ts';
import { addGateway } from './gateway.ts';
import { addHistory } from './history.ts';
import { addLogs } from './logs.ts';
import { addAccess } from './machine-access.ts';
import { addPause } from './pause.ts';
import { addPlan } from './plan.ts';
import { addPoll } from './poll.ts';
import { addRestart } from './restart.ts';
import { addResume } from './resume.ts';
import { addRetry } from './retry.ts';
import { addSize } from './size.ts';
import { addStatus } from './status.ts';
import { addValidate } from './validate.ts';

/** All commands, in the order of the help. One file each; what they need is loaded when they run. */
export function addCommands(program: Command, cli: Cli): void {
  addValidate(program, cli);
  addPlan(program, cli);
  addExplain(program, cli);
  addStatus(program, cli);
  addRestart(program, cli);
  addPoll(program, cli);
  addRetry(program, cli);
  addAllow(program, cli);
  addPause(program, cli);
  addResume(program, cli);
  addHistory(program, cli);
  addLogs(program, cli);
  addDiff(program, cli);
  addSize(program, cli);
  addDoctor(program, cli);
  addFirstBoot(program, cli);
  addAccess(program, cli);
  addAnalytics(program, cli);
  addClient(program, cli);
  addGateway(program, cli);
  addEngine(program, cli);
}
