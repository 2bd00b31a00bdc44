import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

export interface SsmParameter {
  readonly type: string;
  readonly default?: string;
  readonly allowedPattern?: string;
  readonly allowedValues?: readonly string[];
  readonly interpolationType?: string;
}

export interface SsmDocument {
  readonly schemaVersion: string;
  readonly description: string;
  readonly parameters: Readonly<Record<string, SsmParameter>>;
  readonly mainSteps: readonly {
    readonly action: string;
    readonly name: string;
    readonly precondition: unknown;
    readonly inputs: { readonly timeoutSeconds: string; readonly runCommand: readonly string[] };
  }[];
}

export const readDocument = (kind: 'restart' | 'poll'): SsmDocument =>
  parse(readFileSync(path.resolve(`packer/ssm/gateway-${kind}.yaml`), 'utf8')) as SsmDocument;

/** The values that the document is run with; rejects as the service does what a parameter does not take. */
export function chooseValues(
  document: SsmDocument,
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  const unknown = Object.keys(given).find((name) => document.parameters[name] === undefined);
  if (unknown !== undefined) throw new Error(`the document has no parameter ${unknown}`);
  return Object.fromEntries(
    Object.entries(document.parameters).map(([name, parameter]) => {
      const value = given[name] ?? parameter.default ?? '';
      const { allowedPattern, allowedValues } = parameter;
      const isAllowed =
        (allowedPattern === undefined || new RegExp(allowedPattern).test(value)) &&
        (allowedValues === undefined || allowedValues.includes(value));
      if (!isAllowed) throw new Error(`InvalidParameters: ${name}`);
      return [name, value];
    }),
  );
}

/**
 * Script and environment as the SSM agent makes them. `environment`: an agent since 3.3.2746.0, which hands over the
 * parameters as variables; `text`: an older one, which replaces the braces in the script and knows no such variables.
 */
export function prepareStep(
  document: SsmDocument,
  options: {
    readonly values: Readonly<Record<string, string>>;
    readonly way: 'environment' | 'text';
    readonly commandId: string;
  },
): { readonly script: string; readonly env: Record<string, string>; readonly timeoutSeconds: number } {
  const { values, way, commandId } = options;
  const [step] = document.mainSteps;
  if (step === undefined) throw new Error('the document has no step');
  const replace = (text: string) =>
    text.replaceAll(/\{\{\s*(\w+)\s*\}\}/g, (_whole, name: string) => values[name] ?? '');
  const isVariable = (name: string) =>
    way === 'environment' && document.parameters[name]?.interpolationType === 'ENV_VAR';
  const variables = Object.entries(values).filter(([name]) => isVariable(name));
  const text = step.inputs.runCommand.join('\n');
  return {
    script: way === 'text' ? replace(text) : text,
    env: {
      ...Object.fromEntries(variables.map(([name, value]) => [`SSM_${name}`, value])),
      SSM_COMMAND_ID: commandId,
      AWS_SSM_INSTANCE_ID: 'i-0abc',
      AWS_SSM_REGION_NAME: 'eu-west-1',
    },
    timeoutSeconds: Number(replace(step.inputs.timeoutSeconds)),
  };
}
