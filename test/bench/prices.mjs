// What S3 Standard charges in us-east-1, in dollars for one request: the list prices of 2026-08 (aws.amazon.com/s3/pricing).

export const PRICES_AS_OF = '2026-08';

const PER_THOUSAND = { list: 0.005, put: 0.005, get: 0.0004, delete: 0 };

/** Which price a request has: by method, and by whether it lists. */
export function classifyRequest({ method, url }) {
  if (method === 'DELETE') return 'delete';
  if (method === 'PUT' || method === 'POST' || method === 'COPY') return 'put';
  // A listing asks the bucket, not an object.
  const { pathname } = new URL(url, 'http://localhost');
  const isBucket = pathname.split('/').filter((part) => part !== '').length <= 1;
  return isBucket && method === 'GET' ? 'list' : 'get';
}

export const HOURS_PER_MONTH = 730;

/** Dollars of so many requests of each class. */
export const priceOf = (counts) =>
  Object.entries(counts).reduce((sum, [kind, count]) => sum + (count * PER_THOUSAND[kind]) / 1_000, 0);
