/** Lines in the shape of the engines' own, recorded from PrestoSQL 350 and Trino 476. */
export function createLog(style) {
  const root = style === 'presto' ? 'io.prestosql' : 'io.trino';
  const loader = style === 'presto' ? 'metadata.StaticCatalogStore' : 'connector.StaticCatalogManager';
  const plain = (text) => process.stdout.write(`${text}\n`);
  const line = (level, logger, text) =>
    plain(`${new Date().toISOString()}\t${level}\tmain\t${logger}\t${text}`);
  const log = {
    plain,
    info: (name, text) => line('INFO', `${root}.server.${name}`, text),
    warn: (name, text) => line('WARN', `${root}.server.${name}`, text),
    error: (name, text) => line('ERROR', `${root}.server.${name}`, text),
    loadingCatalog: ({ name, file }) =>
      line('INFO', `${root}.${loader}`, `-- Loading catalog ${style === 'presto' ? file : name} --`),
    addedCatalog: ({ name, connector }) =>
      line('INFO', `${root}.${loader}`, `-- Added catalog ${name} using connector ${connector} --`),
    /** `refusal` is a property that nobody asked for, or a sentence. */
    refusedCatalog: ({ file }, refusal) => {
      if (refusal.includes(' ')) {
        log.error('Server', refusal.replace('%FILE%', file));
        plain(`java.lang.IllegalStateException: ${refusal.replace('%FILE%', file)}`);
        return;
      }
      log.error('Server', 'Configuration errors:');
      plain(`\n1) Error: Configuration property '${refusal}' was not used\n\n1 error`);
      plain('io.airlift.bootstrap.ApplicationConfigurationException: Configuration errors:');
      plain(`\n1) Error: Configuration property '${refusal}' was not used\n\n1 error`);
    },
  };
  return log;
}
