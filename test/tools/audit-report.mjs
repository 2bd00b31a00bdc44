// What `npm audit --json` answered, judged: pure functions over its document, the lock file and the exceptions.

const SEVERITIES = ['info', 'low', 'moderate', 'high', 'critical'];

/** From which severity on a finding fails: what lies on a gateway is held to more than what only builds and tests. */
export const LEVELS = { production: 'moderate', development: 'high' };

/** A severity that npm will invent some day counts as the worst. */
const rank = (severity) => (SEVERITIES.includes(severity) ? SEVERITIES.indexOf(severity) : SEVERITIES.length);

/**
 * Tells an answer from none. A registry that has no advisories (405), is down or sends something else makes npm print
 * `message`; npm's own complaints (no lock file) come as `error.code`, and are a fault of this project: they throw.
 */
export function readAnswer(stdout, stderr) {
  let document;
  try {
    document = JSON.parse(stdout);
  } catch {
    throw new Error(`npm audit printed no JSON: ${(stderr || stdout).trim().slice(0, 500)}`);
  }
  if (document.auditReportVersion !== undefined) return { report: document };
  if (document.message !== undefined) return { unasked: document.message };
  throw new Error(`npm audit failed: ${document.error?.code} ${document.error?.summary}`);
}

/** The packages that package.json names and through which this one comes. */
function findDirect(name, vulnerabilities, seen = new Set()) {
  if (seen.has(name)) return [];
  seen.add(name);
  const entry = vulnerabilities[name];
  if (entry === undefined) return [];
  const above = entry.effects.flatMap((effect) => findDirect(effect, vulnerabilities, seen));
  return [...new Set(entry.isDirect ? [name, ...above] : above)];
}

function describeRemedy(fix) {
  if (fix === true) return 'npm audit fix --save-exact';
  if (fix) return `npm install --save-exact ${fix.name}@${fix.version}`;
  return 'no fixed version is known: replace the package, or except the advisory in test/tools/audit-exceptions.json';
}

/** Every advisory at or above its level, once per package: `{advisory, severity, isDevelopment, text}`. */
export function findVulnerabilities(report, lock) {
  return Object.values(report.vulnerabilities).flatMap((entry) => {
    const isDevelopment = entry.nodes.every((node) => lock.packages[node]?.dev === true);
    const level = LEVELS[isDevelopment ? 'development' : 'production'];
    const at = entry.nodes.map((node) => `${node} (${lock.packages[node]?.version ?? '?'})`).join(', ');
    const direct = findDirect(entry.name, report.vulnerabilities).filter((name) => name !== entry.name);
    const by = direct.length === 0 ? '' : ` through ${direct.join(', ')}`;
    // What is only vulnerable through another one has that one's name here, not an advisory.
    return entry.via
      .filter((via) => typeof via !== 'string' && rank(via.severity) >= rank(level))
      .map(({ severity, title, range, url }) => ({
        advisory: url.slice(url.lastIndexOf('/') + 1),
        severity,
        isDevelopment,
        text: `${severity}: ${entry.name} ${range}, "${title}" (${url}), at ${at}${by}${isDevelopment ? ', development only' : ''}. What to do: ${describeRemedy(entry.fixAvailable)}`,
      }));
  });
}

/**
 * Lines that fail: findings without a valid exception, and exceptions that are over or, when everything was asked,
 * match nothing any more.
 */
export function judge({ findings, exceptions, isWhole, now }) {
  const isOver = ({ until }) => !(Date.parse(until) > now);
  const excepted = new Set(exceptions.filter((each) => !isOver(each)).map(({ advisory }) => advisory));
  const found = new Set(findings.map(({ advisory }) => advisory));
  const idle = exceptions.filter(({ advisory }) => isWhole && !found.has(advisory));
  const over = exceptions.filter((each) => found.has(each.advisory) && isOver(each));
  return [
    ...findings.filter(({ advisory }) => !excepted.has(advisory)).map(({ text }) => text),
    ...idle.map(({ advisory }) => `exception ${advisory} matches no finding any more: take it out`),
    ...over.map(({ advisory, until }) => `exception ${advisory} was valid until ${until}: decide anew`),
  ];
}
