/** The memory plan as people read it: the answer first, then how it was added up, line by line. */

import type { EngineIdentity } from '../core/engine/identity.ts';
import { isPrestoSql, javaFeatureOf } from '../core/engine-version.ts';
import { INSTANCE_TYPES, type InstanceType, visibleBytes } from '../core/instance-types.ts';
import { smallestSufficientTypes } from '../core/memory-message.ts';
import { planMemory, type SizingInput } from '../core/sizing.ts';
import type { BudgetItem } from '../core/sizing-budget.ts';
import { type ExplainedPlan, explainPlan } from '../core/sizing-reasons.ts';
import { LIMITED, planUnitLimits } from '../core/unit-limits.ts';
import { printBytes, printCount, wrap } from './print.ts';
import type { Style } from './style.ts';

const MIB = 1024 ** 2;
const AMOUNT_WIDTH = 12;
const LABEL_WIDTH = 12;

/** Lines without line ends. */
export function renderPlan(
  input: SizingInput,
  { style, isThisMachine }: { readonly style: Style; readonly isThisMachine: boolean },
): string[] {
  const explained = explainPlan(input);
  const { plan } = explained;
  const isEnough = plan.verdict === 'sufficient';
  const verdict = isEnough
    ? `${style.good('sufficient'.padEnd(LABEL_WIDTH))}heap ${printBytes(plan.heapBytes)}`
    : style.error('too small'.padEnd(LABEL_WIDTH)) +
      'the analytics process is not started; client access works';
  const machine = `${printBytes(plan.totalBytes)}, ${printCount(input.cpus, 'CPU')}, ${nameOf(input.engine)}`;
  return [
    verdict,
    `${(isThisMachine ? 'machine' : 'asked for').padEnd(LABEL_WIDTH)}${machine}`,
    '',
    ...renderSums(explained, style),
    '',
    ...(isEnough ? renderConsequences(explained, style) : renderRemedy(input.engine, style)),
  ];
}

function renderSums(
  { plan, reserve, restBytes, heapReason, nonHeap, spareBytes }: ExplainedPlan,
  style: Style,
) {
  const isEnough = plan.verdict === 'sufficient';
  return [
    amount(plan.totalBytes, ' ', 'in all'),
    amount(plan.reserveBytes, '-', 'reserve for the rest of the machine'),
    ...reserve.map((item) => style.faint(detail(item))),
    amount(restBytes, '=', 'for the analytics process'),
    amount(plan.heapBytes, '-', `heap: ${heapReason}`),
    amount(restBytes - plan.heapBytes, '=', isEnough ? 'beside the heap' : 'left'),
    ...nonHeap.map((item) => style.faint(detail(item))),
    ...(isEnough
      ? [
          style.faint(
            detail({ what: 'spare', bytes: spareBytes, why: 'page cache of the engine, and margin' }),
          ),
        ]
      : []),
  ];
}

const amount = (bytes: number, sign: string, text: string) =>
  `${sign} ${mebibytes(bytes).padStart(AMOUNT_WIDTH - 3)} ${text}`;

const detail = ({ what, bytes, why }: BudgetItem) =>
  `${' '.repeat(AMOUNT_WIDTH)}${mebibytes(bytes).padStart(9)}  ${what.padEnd(10)} ${why}`;

const mebibytes = (bytes: number) => `${Math.round(bytes / MIB)} MiB`;

function renderConsequences({ plan, queryRule }: ExplainedPlan, style: Style): string[] {
  const limits = LIMITED.map((whose) => {
    const shown = planUnitLimits(plan, whose).map(({ name, value }) => `${name}=${value}`);
    return `${whose} ${shown.join(' ')}`;
  });
  return [
    ...labelled('queries', queryRule, style.width),
    ...limits.flatMap((text, index) => labelled(index === 0 ? 'limits' : '', text, style.width)),
    ...labelled('JVM', plan.jvmFlags.join(' '), style.width),
  ];
}

function renderRemedy(engine: EngineIdentity, style: Style): string[] {
  const types = smallestSufficientTypes(engine, null).join(', ');
  return labelled('enough', `${types} and larger, all m and r types: gatewayctl size --types`, style.width);
}

function labelled(label: string, text: string, width: number): string[] {
  return wrap(text, width - LABEL_WIDTH).map(
    (line, index) => (index === 0 ? label : '').padEnd(LABEL_WIDTH) + line,
  );
}

function nameOf(engine: EngineIdentity): string {
  const { name, version } = engine;
  if (name !== 'presto' && name !== 'trino') return name === 'unknown' ? 'no engine found' : `${name} engine`;
  const java = javaFeatureOf(engine);
  const family = isPrestoSql(engine) ? 'PrestoSQL' : 'Trino';
  return `${family} ${version}${java === null ? '' : `, Java ${java}`}`;
}

/** Types that have the same memory and processors share a line. */
export function renderTypes(engine: EngineIdentity, style: Style): string[] {
  const groups = new Map<string, InstanceType[]>();
  for (const type of INSTANCE_TYPES.toSorted((a, b) => a.memoryBytes - b.memoryBytes || a.cpus - b.cpus)) {
    const key = `${type.memoryBytes} ${type.cpus}`;
    groups.set(key, [...(groups.get(key) ?? []), type]);
  }
  const head = `${'memory'.padStart(8)}${'CPUs'.padStart(6)}${'heap'.padStart(11)}  types (${nameOf(engine)})`;
  return [style.strong(head), ...[...groups.values()].flatMap((types) => renderGroup(types, engine, style))];
}

function renderGroup(types: readonly InstanceType[], engine: EngineIdentity, style: Style): string[] {
  const [first] = types;
  if (first === undefined) return [];
  const { verdict, heapBytes } = planMemory({ totalBytes: visibleBytes(first), cpus: first.cpus, engine });
  const heap = verdict === 'sufficient' ? mebibytes(heapBytes) : 'too small';
  const left = `${printBytes(first.memoryBytes).padStart(8)}${String(first.cpus).padStart(6)}${heap.padStart(11)}  `;
  const paint = verdict === 'sufficient' ? (text: string) => text : style.warning;
  return wrap(types.map(({ name }) => name).join(' '), style.width - left.length).map((names, index) =>
    paint((index === 0 ? left : ' '.repeat(left.length)) + names),
  );
}
