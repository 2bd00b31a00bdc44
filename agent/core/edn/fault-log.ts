import type { EdnFault, EdnFaultCode } from './fault.ts';
import type { EdnSpan } from './node.ts';

export type Report = (code: EdnFaultCode, span: EdnSpan, message: string, hint: string) => void;

export interface FaultLog {
  readonly report: Report;
  /** Nothing more is taken: reading should end. */
  readonly isFull: () => boolean;
  /** In the order of the text. */
  readonly faults: () => readonly EdnFault[];
}

export function createFaultLog(maxFaults: number): FaultLog {
  const faults: EdnFault[] = [];
  return {
    report: (code, { start, end, line, column }, message, hint) => {
      if (faults.length > maxFaults) return;
      if (faults.length < maxFaults) {
        faults.push({ code, start, end, line, column, message, hint });
        return;
      }
      const more = `there are more than ${maxFaults} faults; reading ended here`;
      faults.push({
        code: 'EDN_TOO_MANY_FAULTS',
        start,
        end,
        line,
        column,
        message: more,
        hint: 'correct the first ones',
      });
    },
    isFull: () => faults.length > maxFaults,
    // A finding about an opener is made when its closer, or the end, is met.
    faults: () => faults.toSorted((a, b) => a.start - b.start),
  };
}
