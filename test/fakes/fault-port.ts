/**
 * Every outside effect of the agent passes here: it is recorded, and may be the one at which the agent dies or the world
 * fails. Points are numbers of recorded effects, so new code has its points by itself.
 */

/** `file`: changes a disk. `process`: a job for the supervisor. `source`: a call to S3. `report`: tells somebody. */
export type EffectKind = 'file' | 'process' | 'source' | 'report';

export interface Effect {
  /** From 1, since `forget`. */
  readonly n: number;
  readonly kind: EffectKind;
  readonly name: string;
}

export type Errno = 'ENOSPC' | 'EIO' | 'EROFS';

export type Fault =
  /** End of the process: nothing later has any effect. `middle` leaves half of what can be left half. */
  | { readonly kind: 'die'; readonly when: 'before' | 'middle' | 'after' }
  /** This and all effects of the same kind fail for that long; 0: this one alone. */
  | { readonly kind: 'disk'; readonly errno: Errno; readonly forMs: number }
  | { readonly kind: 'source'; readonly code: string; readonly forMs: number }
  /** The job is not taken, or taken and the reply is lost. */
  | { readonly kind: 'job'; readonly when: 'before' | 'after' }
  | { readonly kind: 'slow'; readonly ms: number };

/** What a failing effect rejects with; ports turn it into their own errors. */
export class Injected extends Error {
  readonly code: string;
  constructor(code: string) {
    super(`${code}: injected`);
    this.code = code;
  }
}

/** The end of a process, as whoever awaits in it sees it: nothing comes any more. */
export const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

export interface Life {
  isDead(): boolean;
  die(): void;
}

export interface FaultPort {
  /** Runs one effect of a life, or what is to happen instead. */
  effect<T>(
    life: Life,
    kind: EffectKind,
    name: string,
    run: () => T | Promise<T>,
    middle?: () => void | Promise<void>,
  ): Promise<T>;
  /** At the n-th effect from now on. Several may be armed; each strikes once. */
  arm(n: number, fault: Fault): void;
  /** Effects from here count from 1; nothing is armed and nothing fails. */
  forget(): void;
  effects(): readonly Effect[];
  /** What has struck so far. */
  struck(): readonly { readonly effect: Effect; readonly fault: Fault }[];
  isFailing(): boolean;
}

export function createFaultPort(options: {
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}): FaultPort {
  let effects: Effect[] = [];
  let armed = new Map<number, Fault>();
  let struck: { effect: Effect; fault: Fault }[] = [];
  let windows: { readonly kind: EffectKind; readonly code: string; readonly until: number }[] = [];

  const strike = (effect: Effect, fault: Fault) => {
    struck.push({ effect, fault });
    if (fault.kind === 'disk' && fault.forMs > 0)
      windows.push({ kind: 'file', code: fault.errno, until: options.now() + fault.forMs });
    if (fault.kind === 'source' && fault.forMs > 0)
      windows.push({ kind: 'source', code: fault.code, until: options.now() + fault.forMs });
  };

  return {
    arm: (n, fault) => {
      armed.set(n, fault);
    },
    forget: () => {
      effects = [];
      struck = [];
      armed = new Map();
      windows = [];
    },
    effects: () => effects,
    struck: () => struck,
    isFailing: () => windows.some(({ until }) => options.now() < until),
    async effect(life, kind, name, run, middle) {
      if (life.isDead()) return never();
      const effect = { n: effects.length + 1, kind, name };
      effects.push(effect);
      const fault = armed.get(effect.n) ?? null;
      if (fault !== null) {
        armed.delete(effect.n);
        strike(effect, fault);
      }
      if (fault?.kind === 'die') {
        if (fault.when === 'middle') await middle?.();
        if (fault.when === 'after') await run();
        life.die();
        return never();
      }
      if (fault?.kind === 'slow') await options.sleep(fault.ms);
      if (life.isDead()) return never();
      const open = windows.find((window) => window.kind === kind && options.now() < window.until);
      if (open !== undefined) throw new Injected(open.code);
      if (fault?.kind === 'disk' && kind === 'file') {
        await middle?.();
        throw new Injected(fault.errno);
      }
      if (fault?.kind === 'source' && kind === 'source') throw new Injected(fault.code);
      if (fault?.kind === 'job' && fault.when === 'before') throw new Injected('job not taken');
      const result = await run();
      if (fault?.kind === 'job') throw new Injected('reply lost');
      return result;
    },
  };
}
