// The gateway beside its peers, gathered from all figures: what README and the plot show.

/** Contestants in the order in which they are shown. */
export const CONTESTANTS = {
  agent: 'gateway agent',
  aws: 'aws s3 sync',
  rclone: 'rclone sync',
  s3cmd: 's3cmd sync',
  'consul-template': 'consul-template',
};

/** Per contestant what the figures say of it; one that was not measured is not there. */
export function gatherBeside({ figures }) {
  const gathered = {};
  for (const { beside = {} } of Object.values(figures)) {
    for (const [name, values] of Object.entries(beside)) gathered[name] = { ...gathered[name], ...values };
  }
  return Object.fromEntries(
    Object.keys(CONTESTANTS)
      .filter((name) => gathered[name] !== undefined)
      .map((name) => [name, gathered[name]]),
  );
}

/** Dollars a month where it looks every 2 s, or all the time as the agent does; null where it asks no S3. */
export const dollarsOf = ({ dollars, dollars2s }) => dollars ?? dollars2s ?? null;
