import { beforeAll, expect, it } from 'vitest';
import { POLICIES, type PolicyStatement } from '../../../agent/core/policies.ts';
import { readStackTemplate, type TemplateValue } from '../../support/stack-template.ts';

type Mapping = { readonly [key: string]: TemplateValue };

/** One line for each action on each resource; how they are grouped into statements says nothing. */
const spread = (
  effect: string,
  actions: readonly string[],
  resources: readonly string[],
  condition: unknown,
) =>
  actions.flatMap((action) =>
    resources.map((resource) => `${effect} ${action} ${resource} ${JSON.stringify(condition ?? {})}`),
  );

const ofTable = (statements: readonly PolicyStatement[]) =>
  statements.flatMap(({ effect, actions, resources, condition }) =>
    spread(effect, actions, resources, condition),
  );

/** `!Sub` and single values as the table has them. */
function plain(value: TemplateValue): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const record = value as Mapping;
  const text = record['Fn::Sub'];
  if (typeof text === 'string') return text.replaceAll(/\$\{AWS::(\w+)\}/gu, (_all, name) => `\${${name}}`);
  return Object.fromEntries(Object.entries(record).map(([key, part]) => [key, plain(part)]));
}

const listOf = (value: unknown) => [value].flat() as string[];

let statements: readonly { readonly [key: string]: unknown }[] = [];

beforeAll(async () => {
  const { Resources } = await readStackTemplate();
  const policies = plain(Resources.Role?.Properties.Policies ?? []) as {
    readonly PolicyName: string;
    readonly PolicyDocument: { readonly Statement: typeof statements };
  }[];
  statements = policies.find(({ PolicyName }) => PolicyName === 'gateway')?.PolicyDocument.Statement ?? [];
});

it('the role of the stack is the policy of the instance, as the table has it', () => {
  const ofStack = statements.flatMap(({ Effect, Action, Resource, Condition }) =>
    spread(String(Effect), listOf(Action), listOf(Resource), Condition),
  );
  expect(ofStack.toSorted()).toEqual(ofTable(POLICIES.instance).toSorted());
});

it('no policy allows all actions of a service, or a change on all resources', () => {
  const READS = /^(?:tag:Get|ec2:Describe|autoscaling:Describe|ssm:GetCommandInvocation)/u;
  // They know no resources, or are about whoever calls.
  const OWN =
    /^(?:cloudwatch:PutMetricData|ssm:PutComplianceItems|ssm:UpdateInstanceInformation|ssmmessages:|ec2messages:)/u;
  const wide = Object.values(POLICIES)
    .flat()
    .filter(({ effect, resources }) => effect === 'Allow' && resources.includes('*'))
    .flatMap(({ actions }) => actions)
    .filter((action) => !READS.test(action) && !OWN.test(action));
  expect(wide).toEqual([]);
  const actions = Object.values(POLICIES)
    .flat()
    .filter(({ effect }) => effect === 'Allow')
    .flatMap((one) => one.actions);
  expect(actions.filter((action) => action.includes('*'))).toEqual([]);
});
