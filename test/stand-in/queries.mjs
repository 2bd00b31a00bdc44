import { answerStatement } from './statements.mjs';

const HISTORY = 100;

/** The queries that were ever asked, the newest hundred of them. */
export function createQueries(context) {
  const queries = new Map();
  let count = 0;

  const end = (query, state, outcome) => {
    clearTimeout(query.timer);
    Object.assign(query, { state, outcome });
    for (const wake of query.waiting.splice(0)) wake();
  };

  return {
    start({ user, source, sql }) {
      count += 1;
      const id = `stand_in_${process.pid}_${String(count).padStart(5, '0')}`;
      const query = {
        id,
        user,
        source,
        sql,
        state: 'RUNNING',
        token: 0,
        outcome: null,
        waiting: [],
        timer: null,
      };
      queries.set(id, query);
      for (const old of [...queries.keys()].slice(0, -HISTORY)) queries.delete(old);
      const answer = answerStatement(sql, context);
      if (answer.error !== undefined) end(query, 'FAILED', answer);
      else if (answer.ms === 0) end(query, 'FINISHED', answer);
      else query.timer = setTimeout(() => end(query, 'FINISHED', answer), answer.ms);
      return query;
    },
    /** The query once it has ended, or after `ms`; undefined when there is none. */
    async wait(id, ms) {
      const query = queries.get(id);
      if (query === undefined || query.outcome !== null) return query;
      query.token += 1;
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, ms);
        query.waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
      return query;
    },
    /** null when it was there. */
    cancel(id) {
      const query = queries.get(id);
      if (query === undefined) return undefined;
      const message = 'Query was canceled';
      if (query.outcome === null) {
        end(query, 'FAILED', { error: { errorName: 'USER_CANCELED', errorType: 'USER_ERROR', message } });
      }
      return null;
    },
    list: () =>
      [...queries.values()].map(({ id, user, source, sql, state }) => ({
        queryId: id,
        session: { user, source },
        state,
        query: sql,
      })),
  };
}
