import type { Journal } from './journal.ts';
import type { Step } from './schedule.ts';
import type { Troubles } from './troubles.ts';

/** Where the steps of a schedule happen. */
export interface Stage {
  put(group: string, path: string, text: string): void | Promise<void>;
  remove(group: string, path: string): void | Promise<void>;
  pass(ms: number): Promise<void>;
}

export interface Player {
  play(steps: readonly Step[]): Promise<void>;
  /** The next thing that is written is written now: somebody was quick. */
  hurry(): Promise<void>;
}

/** Plays schedules, and writes down what is true of the source. */
export function createPlayer(parts: {
  readonly stage: Stage;
  readonly journal: Journal;
  readonly troubles: Troubles;
}): Player {
  const { stage, journal, troubles } = parts;
  let queue: Step[] = [];

  const write = async (step: Step) => {
    if (step.kind === 'put') {
      await stage.put(step.group, step.path, step.text);
      journal.note(step.group, step.path, step.text);
    } else if (step.kind === 'remove') {
      await stage.remove(step.group, step.path);
      journal.note(step.group, step.path, null);
    }
  };

  return {
    async play(steps) {
      queue = [...steps];
      for (let step = queue.shift(); step !== undefined; step = queue.shift()) {
        if (step.kind === 'pass') await stage.pass(step.ms);
        else if (step.kind === 'trouble') troubles.begin(step.trouble);
        else await write(step);
      }
    },
    async hurry() {
      const at = queue.findIndex(({ kind }) => kind !== 'pass');
      const next = queue[at];
      if (next === undefined || next.kind === 'trouble') return;
      queue.splice(at, 1);
      await write(next);
    },
  };
}
