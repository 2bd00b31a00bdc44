// All that is made of what was measured, for those who compare it: the tests.
export { judge } from './judge.mjs';
export { plot } from './plot.mjs';
export { classifyRequest, priceOf } from './prices.mjs';
export { formatQuote } from './quote.mjs';
export { formatResults, mergeFigures, readResults, UNKNOWN_REASON } from './results.mjs';
