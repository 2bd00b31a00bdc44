/** The documented test through a tunnel, and what its results mean. */
import type { TunnelKind } from './target.ts';

/** What is asked for through a tunnel. The system's entry host is known inside the VPC only. */
export function checkUrl(kind: TunnelKind, names: { system: string; region: string; port: number }): string {
  return kind === 'client'
    ? `http://entry.${names.system}.${names.region}.datomic.net:8182/`
    : `http://127.0.0.1:${names.port}/v1/info`;
}

/** What a test says about the tunnel and about what is behind it. */
export interface CheckVerdict {
  readonly isGood: boolean;
  /** One sentence, lower case, without full stop. */
  readonly meaning: string;
  readonly advice: string;
}

type Result =
  | { readonly kind: 'answered'; readonly status: number; readonly body: string }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'silent' };

export function judgeCheck(kind: TunnelKind, result: Result): CheckVerdict {
  if (result.kind === 'silent') {
    return {
      isGood: false,
      meaning: 'nothing came back through the tunnel in time',
      advice: 'Security groups between the gateway and Datomic can swallow the connection.',
    };
  }
  return kind === 'client' ? judgeClient(result) : judgeAnalytics(result);
}

function judgeClient(result: Exclude<Result, { kind: 'silent' }>): CheckVerdict {
  if (result.kind === 'refused') {
    return {
      isGood: false,
      meaning: `the tunnel works, and the gateway cannot reach Datomic (${result.reason})`,
      advice: 'Check that the compute group runs, and that region and system name its entry host.',
    };
  }
  const authPath = /:s3-auth-path\s+"?([^"\s}]+)/.exec(result.body)?.[1];
  return authPath === undefined
    ? {
        isGood: false,
        meaning: `the tunnel works, and something other than Datomic answers (status ${result.status})`,
        advice: 'Check what runs at the entry host.',
      }
    : { isGood: true, meaning: `Datomic answers: its clients log in through s3://${authPath}`, advice: '' };
}

function judgeAnalytics(result: Exclude<Result, { kind: 'silent' }>): CheckVerdict {
  if (result.kind === 'refused') {
    return {
      isGood: false,
      meaning: `the tunnel works, and the analytics process does not answer (${result.reason})`,
      advice: 'gatewayctl gateway status says why; it may be starting.',
    };
  }
  const info = readInfo(result.body);
  if (result.status !== 200 || info === null) {
    return {
      isGood: false,
      meaning: `the tunnel works, and something other than the engine answers (status ${result.status})`,
      advice: 'Check what listens on port 8989 of the gateway.',
    };
  }
  return info.starting
    ? {
        isGood: false,
        meaning: `the tunnel works, and the engine ${info.version} is starting`,
        advice: 'Try again in a minute.',
      }
    : { isGood: true, meaning: `the engine ${info.version} answers`, advice: '' };
}

function readInfo(body: string): { readonly version: string; readonly starting: boolean } | null {
  try {
    const info = JSON.parse(body) as { nodeVersion?: { version?: unknown }; starting?: unknown };
    const version = info.nodeVersion?.version;
    return typeof version === 'string' ? { version, starting: info.starting === true } : null;
  } catch {
    // No JSON is no engine.
    return null;
  }
}
