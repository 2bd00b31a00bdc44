import { request } from 'node:http';
import { type Decoder, decodeJson, shape, text } from '../core/decode.ts';

/** What instance metadata says of this machine. */
export interface InstanceIdentity {
  readonly id: string;
  readonly type: string;
  readonly region: string;
}

const IPV4_ENDPOINT = 'http://169.254.169.254';
const IPV6_ENDPOINT = 'http://[fd00:ec2::254]';
const TOKEN_TTL_SECONDS = '60';
const MAX_BODY_BYTES = 64 * 1024;

const document: Decoder<{ instanceId: string; instanceType: string; region: string }> = shape({
  instanceId: text,
  instanceType: text,
  region: text,
});

/** Where instance metadata answers, by the SDK's own variables; null where they turn it off. */
export function metadataEndpoint(environment: Readonly<Record<string, string | undefined>>): string | null {
  if (environment.AWS_EC2_METADATA_DISABLED?.toLowerCase() === 'true') return null;
  const named = environment.AWS_EC2_METADATA_SERVICE_ENDPOINT;
  if (named !== undefined && named !== '') return named;
  const mode = environment.AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE?.toLowerCase();
  return mode === 'ipv6' ? IPV6_ENDPOINT : IPV4_ENDPOINT;
}

/**
 * Asks once, with a session token (IMDSv2: current images know nothing else). Null when nothing sensible answers
 * within `timeoutMs` for each of the two requests: not on EC2, or metadata is late.
 */
export async function readInstanceIdentity(options: {
  readonly endpoint: string;
  readonly timeoutMs: number;
}): Promise<InstanceIdentity | null> {
  const ask = (method: string, path: string, headers: Record<string, string>) =>
    fetchText({ url: new URL(path, options.endpoint), method, headers, timeoutMs: options.timeoutMs });
  try {
    const token = await ask('PUT', '/latest/api/token', {
      'x-aws-ec2-metadata-token-ttl-seconds': TOKEN_TTL_SECONDS,
    });
    const body = await ask('GET', '/latest/dynamic/instance-identity/document', {
      'x-aws-ec2-metadata-token': token.trim(),
    });
    const decoded = decodeJson(document, body);
    if (!decoded.isValid) return null;
    const { instanceId, instanceType, region } = decoded.value;
    return { id: instanceId, type: instanceType, region };
  } catch {
    // Not there, late, or odd: all the same to the caller, who asks again later.
    return null;
  }
}

/** What whoever launched this instance has said about it. */
export interface LaunchData {
  readonly identity: InstanceIdentity;
  readonly userData: string | null;
  /** Of the names that were asked for; null where there is none, or where metadata does not show tags. */
  readonly tags: Readonly<Record<string, string | null>>;
}

/** Resolves with null as long as instance metadata does not answer, or oddly. */
export async function readLaunchData(options: {
  readonly endpoint: string;
  readonly timeoutMs: number;
  readonly tags: readonly string[];
}): Promise<LaunchData | null> {
  const identity = await readInstanceIdentity(options);
  if (identity === null) return null;
  const ask = (method: string, path: string, headers: Record<string, string>) =>
    fetchText({ url: new URL(path, options.endpoint), method, headers, timeoutMs: options.timeoutMs });
  try {
    const token = await ask('PUT', '/latest/api/token', {
      'x-aws-ec2-metadata-token-ttl-seconds': TOKEN_TTL_SECONDS,
    });
    const read = async (path: string): Promise<string | null> => {
      try {
        return await ask('GET', path, { 'x-aws-ec2-metadata-token': token.trim() });
      } catch (error) {
        if (error instanceof MetadataStatusError && error.status === 404) return null;
        throw error;
      }
    };
    const userData = await read('/latest/user-data');
    const tags: Record<string, string | null> = {};
    for (const name of options.tags) tags[name] = await read(`/latest/meta-data/tags/instance/${name}`);
    return { identity, userData, tags };
  } catch {
    // Not there, late, or odd: all the same to the caller, who asks again later.
    return null;
  }
}

/**
 * The public half of the key pair that the instance was launched with: null when there is none. Rejects when metadata
 * does not answer, or oddly, within `timeoutMs` for each of its requests.
 */
export async function readKeyPair(options: {
  readonly endpoint: string;
  readonly timeoutMs: number;
}): Promise<string | null> {
  const ask = (method: string, path: string, headers: Record<string, string>) =>
    fetchText({ url: new URL(path, options.endpoint), method, headers, timeoutMs: options.timeoutMs });
  const token = await ask('PUT', '/latest/api/token', {
    'x-aws-ec2-metadata-token-ttl-seconds': TOKEN_TTL_SECONDS,
  });
  try {
    return await ask('GET', '/latest/meta-data/public-keys/0/openssh-key', {
      'x-aws-ec2-metadata-token': token.trim(),
    });
  } catch (error) {
    if (error instanceof MetadataStatusError && error.status === 404) return null;
    throw error;
  }
}

class MetadataStatusError extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`instance metadata answers ${status}`);
    this.status = status;
  }
}

/** The body of a 200, or a rejection; bounded in time and size, also while the body arrives. */
async function fetchText(options: {
  readonly url: URL;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly timeoutMs: number;
}): Promise<string> {
  const { url, method, headers, timeoutMs } = options;
  const signal = AbortSignal.timeout(timeoutMs);
  return await new Promise((resolve, reject) => {
    // `agent: false`: no connection is kept open for requests that come once in an instance's life.
    const sent = request(url, { method, headers, signal, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > MAX_BODY_BYTES) response.destroy(new Error('instance metadata answers too much'));
        else chunks.push(chunk);
      });
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(Buffer.concat(chunks).toString('utf8'));
        else reject(new MetadataStatusError(response.statusCode ?? 0));
      });
    });
    sent.on('error', reject);
    sent.end();
  });
}
