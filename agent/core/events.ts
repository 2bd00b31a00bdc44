/** Every event that the agent logs, in one place. README lists them; a test compares. */
import type { ActionKind } from './actions.ts';

type Level = 'debug' | 'info' | 'warn' | 'error';

interface EventEntry {
  readonly event: string;
  readonly level: Level;
  readonly meaning: string;
}

/** What is logged when an action was applied. */
export const ACTION_EVENTS = {
  'move-group': {
    event: 'group.marked',
    level: 'debug',
    meaning: 'the group in force, or its newest time stamp, changed',
  },
  refuse: {
    event: 'snapshot.refused',
    level: 'warn',
    meaning: 'a snapshot did not pass the gate; nothing changed',
  },
  store: { event: 'release.stored', level: 'debug', meaning: 'a release lies whole in the store' },
  acknowledge: { event: 'hold.acknowledged', level: 'info', meaning: "a person's yes is remembered" },
  keep: {
    event: 'files.kept',
    level: 'warn',
    meaning: 'files that the source lost with their directory stay live, or no longer',
  },
  hold: {
    event: 'snapshot.held',
    level: 'warn',
    meaning: 'a snapshot would show more than before and waits for a person',
  },
  adopt: { event: 'release.desired', level: 'info', meaning: 'a release passed gate and guards' },
  publish: {
    event: 'release.published',
    level: 'info',
    meaning: 'the live etc was brought in line with a release',
  },
  'count-exit': {
    event: 'engine.ended',
    level: 'warn',
    meaning: 'the analytics process ended and nobody had asked for it',
  },
  'see-run': { event: 'engine.run', level: 'info', meaning: 'a new run of the analytics process began' },
  drain: {
    event: 'engine.draining',
    level: 'info',
    meaning: 'running queries are let finish before a restart',
  },
  'open-attempt': { event: 'attempt.opened', level: 'info', meaning: 'a release is to be proven' },
  start: { event: 'engine.start', level: 'info', meaning: 'the analytics process is started' },
  restart: { event: 'engine.restart', level: 'info', meaning: 'the analytics process is restarted' },
  stop: { event: 'engine.stop', level: 'warn', meaning: 'the analytics process is stopped' },
  serve: {
    event: 'engine.serving',
    level: 'info',
    meaning: 'the analytics process answers a query that reads a table',
  },
  follow: {
    event: 'attempt.followed',
    level: 'info',
    meaning: 'the run that served is gone; the next one is waited for',
  },
  'close-attempt': { event: 'attempt.closed', level: 'info', meaning: 'an attempt ended without a result' },
  watch: {
    event: 'release.watched',
    level: 'debug',
    meaning: 'a release without restart is watched until it is proven',
  },
  prove: {
    event: 'release.proven',
    level: 'info',
    meaning: 'a release was serving and stayed up for the stable time',
  },
  quarantine: { event: 'release.quarantined', level: 'error', meaning: 'a release failed to become proven' },
  retry: { event: 'release.retried', level: 'info', meaning: 'what timed out is tried again' },
  'forget-quarantine': {
    event: 'quarantine.dropped',
    level: 'info',
    meaning: 'what was quarantined is no longer wanted',
  },
  'back-off': {
    event: 'machine.sick',
    level: 'error',
    meaning: 'what was proven fails: stopped, and started later',
  },
  'shift-clock': {
    event: 'clock.set-back',
    level: 'warn',
    meaning: 'the clock was set back; deadlines go with it',
  },
  recover: { event: 'machine.well', level: 'info', meaning: 'the machine is well again' },
  pause: { event: 'pause.began', level: 'info', meaning: 'nothing new is published, started or restarted' },
  'lift-quarantine': {
    event: 'quarantine.lifted',
    level: 'info',
    meaning: 'a person wants what failed to be tried again',
  },
  'end-pause': { event: 'pause.ended', level: 'info', meaning: 'a pause ran out or was ended' },
  'accept-request': { event: 'request.accepted', level: 'info', meaning: 'a request was taken in' },
  answer: { event: 'request.answered', level: 'info', meaning: 'a request was answered' },
} as const satisfies Record<ActionKind, EventEntry>;

/** What is logged besides. */
export const EVENTS = {
  'agent.started': { level: 'info', meaning: 'the agent began' },
  'agent.ready': { level: 'info', meaning: 'the first cycle is complete' },
  'agent.stopping': { level: 'info', meaning: 'the agent ends' },
  'agent.failed': { level: 'error', meaning: 'the agent ends because of a bug or bad settings' },
  'baseline.inherited': { level: 'info', meaning: 'what another machine proved and held was taken over' },
  'baseline.saved': { level: 'debug', meaning: 'the baseline of a group was saved in the bucket' },
  'beside.failed': {
    level: 'warn',
    meaning: 'something beside the configuration does not work: bucket, CloudWatch, SSM, HTTP',
  },
  'beside.recovered': { level: 'info', meaning: 'it works again' },
  'http.listening': { level: 'info', meaning: 'health, metrics and status can be asked for' },
  'cycle.failed': { level: 'error', meaning: 'a step could not be done; it is planned anew' },
  'drift.repaired': { level: 'warn', meaning: 'a live file that was changed by hand was put right' },
  'memory.calm': { level: 'info', meaning: 'memory is not short any more' },
  'memory.short': { level: 'warn', meaning: 'memory gets short, before the kernel ends a process for it' },
  'metaschema.missing': { level: 'warn', meaning: 'tables of a published metaschema do not appear in SQL' },
  'metaschema.seen': { level: 'info', meaning: 'the tables of all published metaschemas are there' },
  'plan.waiting': { level: 'info', meaning: 'what the agent waits for changed' },
  'history.failed': { level: 'warn', meaning: 'a line of the history could not be written' },
  'source.failed': { level: 'warn', meaning: 'the source could not be read; what is live stays' },
  'source.recovered': { level: 'info', meaning: 'the source can be read again' },
  'source.pending': { level: 'info', meaning: 'a sync is under way, or was left behind' },
  'spool.failed': { level: 'warn', meaning: 'the requests could not be read' },
  'spool.refused': { level: 'warn', meaning: 'what lay among the requests under an id is no request' },
  'spool.stray': {
    level: 'warn',
    meaning: 'what lay among the requests under no id was removed or left alone',
  },
  'state.set-aside': { level: 'error', meaning: 'the state file could not be read and was set aside' },
  'status.failed': { level: 'warn', meaning: 'the status could not be written' },
} as const satisfies Record<string, { readonly level: Level; readonly meaning: string }>;
