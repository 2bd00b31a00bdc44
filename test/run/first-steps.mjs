// What `make run` says before anything happens: what runs, where to edit, what to try.

import path from 'node:path';

/** The text, with paths as they can be pasted from the project's root. */
export function describeFirstSteps({ isBucket, isFirstRun, home, source, enginePort, bucket, engine }) {
  const isStandIn = engine === 'stand-in';
  const here = (file) => path.relative('.', file);
  const edit = here(source);
  const syncing = isBucket
    ? `
  S3           moto on ${bucket.endpoint}, bucket ${bucket.bucket}, gone when this ends
  uploader     a stand-in for you typing \`gatewayctl analytics sync\` after each edit`
    : '';
  return `
The access gateway's agent, on this machine.

  engine       ${isStandIn ? STAND_IN : REAL[engine]}, on port ${enginePort}
  edit here    ${edit}/  (${isFirstRun ? `a fresh copy of ${isStandIn ? 'test/example/' : 'test/example-engine/'}` : 'as you left it'})${syncing}
  live etc     ${here(path.join(home, 'etc'))}/
  status       node dist/gatewayctl.cjs --set paths.run=${path.join(home, 'run')} status --watch

Try, in another terminal:
${isStandIn ? standInSteps(edit, home) : engineSteps(edit, enginePort, home)}

Ctrl-C ends both processes.
`;
}

const STAND_IN =
  'a stand-in engine: no PrestoSQL, but its HTTP surface, with the tables of every metaschema; it starts in a second';
const REAL = {
  presto: 'PrestoSQL 350, the real one; each start takes some ten seconds',
  trino: 'Trino 476, the real one; each start takes some ten seconds',
};

/** Paths of settings are absolute, as `home` is. */
const ctl = (home) =>
  `node dist/gatewayctl.cjs --set paths.state=${path.join(home, 'state')} --set paths.run=${path.join(home, 'run')}`;

function standInSteps(edit, home) {
  const shop = `${edit}/datomic/shop.edn`;
  const catalog = `${edit}/catalog/shop.properties`;
  return `
  1. Edit a metaschema: live in a moment, and nothing restarts.
     sed -i 's/"placed"/"ordered"/' ${shop}

  2. Break it: refused with file, line and column; what is live stays. The second line repairs it.
     echo '}' >> ${shop}
     sed -i '$d' ${shop}

  3. Change the catalog: one restart, then proven.
     sed -i 's/\\[shop\\]/[shop billing]/' ${catalog}

  4. Make the engine refuse the catalog: rolled back to the last proven one. The second line takes it out again.
     echo 'stand-in.refuse=true' >> ${catalog}
     sed -i '$d' ${catalog}

  5. Ask for a restart, as an operator: the answer comes when the new process is serving.
     ${ctl(home)} restart`;
}

function engineSteps(edit, enginePort, home) {
  const sql = `node test/run/sql.mjs http://127.0.0.1:${enginePort}`;
  return `
  1. Ask it something.
     ${sql} 'SELECT name FROM tpch.tiny.region'

  2. Add a catalog: one restart, then proven, and a client sees it.
     echo connector.name=memory > ${edit}/catalog/scratch.properties
     ${sql} 'SHOW CATALOGS'

  3. Restart it while a query runs: the query is let finish.
     ${sql} 'SELECT count(*) FROM tpch.sf1.lineitem JOIN tpch.sf1.orders USING (orderkey)' &
     ${ctl(home)} restart

  4. Make the engine refuse the catalog: rolled back to the last proven one. The second line takes it out again.
     echo tpch.no-such-property=1 >> ${edit}/catalog/tpch.properties
     sed -i '$d' ${edit}/catalog/tpch.properties

  5. Edit a metaschema: live in a moment, and nothing restarts. (Without Datomic's connector nothing reads it.)
     sed -i 's/"orders"/"sales"/' ${edit}/datomic/shop.edn`;
}
