/**
 * As much of IAM as our policies use: wildcards in actions and resources, and the condition operators StringEquals,
 * StringLike and BoolIfExists. An operator that is not known here is an error, never a yes.
 */
import type { PolicyStatement } from '../../agent/core/policies.ts';

export interface Asked {
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string>>;
}

/** The statements with the placeholders of one system filled in. */
export function fillIn(
  statements: readonly PolicyStatement[],
  values: Readonly<Record<string, string>>,
): readonly PolicyStatement[] {
  const text = JSON.stringify(statements).replace(
    /\$\{(\w+)\}/gu,
    (whole, name: string) => values[name] ?? whole,
  );
  return JSON.parse(text) as readonly PolicyStatement[];
}

export const isAllowed = (statements: readonly PolicyStatement[], asked: Asked): boolean =>
  statements.some((one) => one.effect === 'Allow' && applies(one, asked)) &&
  !statements.some((one) => one.effect === 'Deny' && applies(one, asked));

export const applies = (statement: PolicyStatement, asked: Asked): boolean =>
  statement.actions.some((pattern) => isLike(pattern.toLowerCase(), asked.action.toLowerCase())) &&
  statement.resources.some((pattern) => isLike(pattern, asked.resource)) &&
  Object.entries(statement.condition ?? {}).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => holds(operator, [wanted].flat(), asked.context[key])),
  );

function holds(operator: string, wanted: readonly string[], found: string | undefined): boolean {
  switch (operator) {
    case 'StringEquals':
      return found !== undefined && wanted.includes(found);
    case 'StringLike':
      return found !== undefined && wanted.some((pattern) => isLike(pattern, found));
    case 'BoolIfExists':
      return found === undefined || wanted.includes(found);
    default:
      throw new Error(`this evaluator does not know ${operator}`);
  }
}

function isLike(pattern: string, text: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/gu, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 'su').test(text);
}
