/** Scripts that broke a promise once, as the model shrank them. */
import { describe, it } from 'vitest';
import type { Behaviour } from '../../../fakes/plan-engine.ts';
import { play } from './play.ts';
import { readOperations } from './script.ts';

const FOUND: readonly (readonly [title: string, ofB: Behaviour, ofC: Behaviour, script: string])[] = [
  [
    'a request asked just after the process was stopped by hand is served by its next start',
    'serves',
    'serves',
    `
    stop-agent effect=1 when=before
    stop-engine
    restart isNow=false isSameId=false`,
  ],
  [
    'an exit from before the clock was set back condemns nothing',
    'serves',
    'serves',
    `
    stop-agent effect=1 when=before
    kill how=crash
    set-clock byMs=-3600000
    sync-catalog to=A`,
  ],
  [
    'a yes is not forgotten while what it was said to is live and not proven',
    'serves',
    'never-serves',
    `
    stop-agent effect=1 when=before
    show-all isAllowed=true
    sync-catalog to=C
    sync-same`,
  ],
  [
    'killed between a restart and its note, the next one is spaced all the same',
    'serves',
    'serves',
    `
    wait ms=60000
    stop-agent effect=5 when=before
    restart isNow=false isSameId=false
    show-all isAllowed=true`,
  ],
  [
    'in a pause an attempt that runs starts nothing newer',
    'serves',
    'serves',
    `
    sync-metaschema to=1
    show-all isAllowed=true
    pause forMs=null
    wait ms=9000
    stop-engine`,
  ],
  [
    'an exit in the instant in which an attempt is opened is not its own',
    'serves',
    'serves',
    `
    wait ms=240000
    kill how=crash
    move-group
    stop-engine
    kill how=crash`,
  ],
  [
    'a request that is served by a run that hangs is answered',
    'serves',
    'serves',
    `
    wait ms=60000
    kill how=crash
    engine of=A does=never-serves
    restart isNow=false isSameId=false`,
  ],
  [
    'also when the run that served it is gone',
    'serves',
    'serves',
    `
    wait ms=1000
    engine of=A does=hides-a-catalog
    sync-catalog to=B
    restart isNow=false isSameId=false
    wait ms=60000
    kill how=crash
    sync-catalog to=A`,
  ],
  [
    'metaschemas that come back live are watched anew',
    'serves',
    'serves',
    `
    wait ms=1200000
    memory isSufficient=false
    lose-metaschemas isAllowed=false
    burst count=2
    rest`,
  ],
  [
    'runs of a newer release, ended already, condemn nothing of the attempt that they overtook',
    'serves',
    'refuses',
    `
    sync-metaschema to=1
    sync-catalog to=C
    kill how=crash
    agent-away ms=240000`,
  ],
  [
    'after a boot a start has the time of a first start, not what was left before',
    'serves',
    'serves',
    `
    wait ms=60000
    stop-engine
    reboot
    engine of=A does=never-serves
    restart isNow=false isSameId=false
    wait ms=1000`,
  ],
  [
    'a machine that is sick with what ran is not sick with what is wanted since',
    'serves',
    'serves',
    `
    wait ms=1200000
    engine of=A does=exits
    reboot
    pause forMs=null
    move-group
    rest`,
  ],
  [
    'killed in the start of a sick machine, the next exit stops it again',
    'serves',
    'serves',
    `
    wait ms=240000
    engine of=A does=exits
    stop-engine
    wait ms=1200000
    pause forMs=null
    stop-agent effect=5 when=after`,
  ],
  [
    'what fails is rolled back also with too little memory for a start',
    'serves',
    'serves',
    `
    engine of=D does=dies-when-stable-is-near
    memory isSufficient=false
    sync-catalog to=D
    kill how=crash
    rest`,
  ],
  [
    'after a run that served without an attempt of its own, the next start is no first one',
    'serves',
    'serves',
    `
    engine of=C does=never-serves
    sync-catalog to=B
    kill how=crash
    pause forMs=1200000
    sync-catalog to=C
    rest
    sync-catalog to=A`,
  ],
  [
    'killed between a restart and its note, in the instant of a rollback, the next one is spaced all the same',
    'refuses',
    'serves',
    `
    rest
    lose-metaschemas isAllowed=false
    sync-catalog to=B
    agent-away ms=5000
    stop-agent effect=9 when=before
    sync-catalog to=D
    sync-catalog to=A
    kill how=crash`,
  ],
  [
    'killed when other metaschemas were live, those that come back are watched anew',
    'serves',
    'serves',
    `
    wait ms=240000
    sync-metaschema to=2
    stop-agent effect=3 when=after
    sync-metaschema to=1
    wait ms=1000
    sync-metaschema to=2
    wait ms=240000`,
  ],
];

describe('what the model found', () => {
  it.each(FOUND)('%s', (_, ofB, ofC, script) => {
    play({ operations: readOperations(script), behaviours: [ofB, ofC] });
  });
});
