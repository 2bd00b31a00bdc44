// What `make run` says before anything happens: what runs, where to edit, what to try.

import path from 'node:path';

/** The text, with paths as they can be pasted from the project's root. */
export function describeFirstSteps({ isBucket, isFirstRun, home, source, enginePort, bucket }) {
  const here = (file) => path.relative('.', file);
  const edit = here(source);
  const shop = `${edit}/datomic/shop.edn`;
  const catalog = `${edit}/catalog/shop.properties`;
  const syncing = isBucket
    ? `
  S3           moto on ${bucket.endpoint}, bucket ${bucket.bucket}, gone when this ends
  uploader     a stand-in for you typing \`gatewayctl analytics sync\` after each edit`
    : '';
  return `
The access gateway's agent, on this machine.

  engine       a stand-in engine on port ${enginePort}: no PrestoSQL, but its HTTP surface; each start takes a second
  edit here    ${edit}/  (${isFirstRun ? 'a fresh copy of test/example/' : 'as you left it'})${syncing}
  live etc     ${here(path.join(home, 'etc'))}/
  status       node dist/gatewayctl.cjs --set paths.run=${path.join(home, 'run')} status --watch

Try, in another terminal:

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

Ctrl-C ends both processes.
`;
}
