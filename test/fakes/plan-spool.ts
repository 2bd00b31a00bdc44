import type { OpenRequest } from '../../agent/core/observed.ts';

export interface Answer {
  readonly id: string;
  readonly outcome: string;
  readonly reason: string;
}

/** The spool of a plan world: requests that are open, and answers in the order of their first coming. */
export function createPlanSpool() {
  let requests: readonly OpenRequest[] = [];
  const answers: Answer[] = [];
  const isKnown = (id: string) => [...answers, ...requests].some((known) => known.id === id);
  return {
    answers,
    requests: () => requests,
    /** What lies there, or was answered already, is not taken in again. */
    ask: (request: OpenRequest) => {
      if (!isKnown(request.id)) requests = [...requests, request];
    },
    answer: (answer: Answer) => {
      // The first answer stays.
      if (!answers.some(({ id }) => id === answer.id)) answers.push(answer);
      requests = requests.filter(({ id }) => id !== answer.id);
    },
  };
}
