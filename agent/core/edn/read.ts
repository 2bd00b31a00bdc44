import { createAssembler } from './assemble.ts';
import { createCursor, skipWhitespace, spanAt } from './cursor.ts';
import type { EdnFault } from './fault.ts';
import { createFaultLog } from './fault-log.ts';
import type { EdnNode } from './node.ts';
import { createScanner } from './scan.ts';

export interface EdnOptions {
  /**
   * `single` (the default): exactly one form, as a file must hold. `first`: what `clojure.edn/read-string` does, the
   * rest of the text is not looked at, and an empty text is no fault. `all`: any number of forms.
   */
  readonly forms?: 'single' | 'first' | 'all';
  /** Tags other than `#inst` and `#uuid`: `refuse` (the default, as `clojure.edn`) or `keep`. */
  readonly unknownTags?: 'refuse' | 'keep';
  /** Levels of nesting, 200 unless told, never more than 1,000. */
  readonly maxDepth?: number;
  /** Forms at all levels together, 1,000,000 unless told: it bounds the memory. */
  readonly maxForms?: number;
  /** Reading ends after that many faults, 100 unless told. */
  readonly maxFaults?: number;
  /** Where the text begins in a larger one; 1:1 unless told. */
  readonly at?: { readonly line: number; readonly column: number };
  /** Messages then quote nothing of the text. */
  readonly isSecret?: boolean;
}

export interface EdnReading {
  /** The first form; null when there is none. */
  readonly form: EdnNode | null;
  readonly forms: readonly EdnNode[];
  /** In the order of the text. None: the text is EDN. */
  readonly faults: readonly EdnFault[];
  /** False when openers and closers do not match: then the forms are a guess. */
  readonly isBalanced: boolean;
  /** Work done, in characters looked at: at most a small multiple of the text's length. */
  readonly steps: number;
}

const DEFAULT_DEPTH = 200;
/** Forms are walked by recursion elsewhere: this bounds it. */
const MAX_DEPTH = 1_000;
const DEFAULT_FAULTS = 100;
const DEFAULT_FORMS = 1_000_000;

/**
 * Reads EDN as `clojure.edn` does, and says where and why a text is none. Strict, in linear time, without recursion;
 * after a fault it goes on, so that one run names several.
 */
export function readEdn(text: string, options: EdnOptions = {}): EdnReading {
  const isSecret = options.isSecret ?? false;
  const log = createFaultLog(options.maxFaults ?? DEFAULT_FAULTS);
  const cursor = createCursor(text, options.at ?? { line: 1, column: 1 });
  const forms = options.forms ?? 'single';
  const assembler = createAssembler({
    forms,
    keepsTags: options.unknownTags === 'keep',
    maxDepth: Math.min(options.maxDepth ?? DEFAULT_DEPTH, MAX_DEPTH),
    maxForms: options.maxForms ?? DEFAULT_FORMS,
    isSecret,
    report: log.report,
  });
  const scan = createScanner(cursor, assembler, { report: log.report, isSecret });

  while (!assembler.isDone() && !log.isFull()) {
    skipWhitespace(cursor);
    if (cursor.position >= text.length) {
      assembler.finish();
      break;
    }
    cursor.steps++;
    scan();
  }
  if (forms === 'single' && assembler.forms.length === 0 && log.faults().length === 0) {
    const span = spanAt(cursor, text.length, text.length);
    log.report('EDN_EMPTY', span, 'the file holds no form', 'write one form, or remove the file');
  }
  return {
    form: assembler.forms[0] ?? null,
    forms: assembler.forms,
    faults: log.faults(),
    isBalanced: assembler.isBalanced(),
    steps: cursor.steps + assembler.steps(),
  };
}
