import { createDirectoryConfigSource } from '../../adapters/directory-source.ts';
import { createS3Client } from '../../adapters/s3-client.ts';
import { createS3ConfigSource } from '../../adapters/s3-source.ts';
import { readServerTime } from '../../adapters/server-clock.ts';
import { AgentError, describeError, ERRORS } from '../../core/errors.ts';
import type { ConfigSource } from '../../ports.ts';
import { printable, printCount, printDuration, printSpan } from '../print.ts';
import { type Check, fault, fine, type Patient, warning } from './finding.ts';

const TIMEOUT_MS = 10_000;
const SECOND = 1_000;
/** S3 refuses signatures that are a quarter of an hour off. */
const MOST_SKEW_MS = 5 * 60 * SECOND;
const MUCH_SKEW_MS = 30 * SECOND;

/** One complete listing, as the agent makes it. */
export const checkSource: Check = async (patient) => {
  const source = createSource(patient);
  if (source === null) return [fault('source', 'source.uri is not set', 'say where the configuration lies')];
  const beganAt = patient.cli.now();
  try {
    const objects = await source.list(AbortSignal.timeout(TIMEOUT_MS));
    const took = printSpan(patient.cli.now() - beganAt);
    const message = `${printable(source.uri)}: ${printCount(objects.length, 'object')}, listed in ${took}`;
    return objects.length === 0
      ? [warning('source', message, 'sync a configuration')]
      : [fine('source', message)];
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    return [fault('source', printable(describeError(error)), ERRORS[error.code].hint)];
  }
};

function createSource({ settings, cli }: Patient): ConfigSource | null {
  const { uri, location, group } = settings.source;
  const name = group === 'auto' ? (settings.system ?? 'default') : group;
  if (uri === null || location === null) return null;
  if (location.kind === 'directory') return createDirectoryConfigSource({ uri, group: name });
  const client = createS3Client({
    env: cli.env,
    ...(settings.region === null ? {} : { region: settings.region }),
  });
  return createS3ConfigSource({ client, uri, system: settings.system, group: name });
}

/** This machine's clock against that of S3. */
export const checkClock: Check = async ({ settings, cli }) => {
  if (settings.source.location?.kind === 'directory') {
    return [fine('clock', 'a local source: there is no other clock to agree with')];
  }
  const url =
    cli.env.AWS_ENDPOINT_URL_S3 ||
    cli.env.AWS_ENDPOINT_URL ||
    `https://s3.${settings.region ?? 'us-east-1'}.amazonaws.com`;
  const theirs = await readServerTime(url, TIMEOUT_MS);
  if (theirs === null) {
    return [warning('clock', `${printable(url)} does not tell the time`, 'check the way to S3 first')];
  }
  const skewMs = Math.abs(cli.now() - theirs);
  if (skewMs < MUCH_SKEW_MS) return [fine('clock', 'agrees with S3')];
  const message = `${printDuration(skewMs)} away from that of S3`;
  const remedy = 'start a time service: systemctl status chronyd, or systemd-timesyncd';
  return [skewMs < MOST_SKEW_MS ? warning('clock', message, remedy) : fault('clock', message, remedy)];
};
