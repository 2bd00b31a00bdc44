import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type CollectionTag, Pair, parseDocument, type ScalarTag, YAMLMap } from 'yaml';

/** A value of the template, with CloudFormation's short forms (`!Ref x`) written out (`{Ref: x}`). */
export type TemplateValue =
  | string
  | number
  | boolean
  | null
  | readonly TemplateValue[]
  | { readonly [key: string]: TemplateValue };

export interface TemplateResource {
  readonly Type: string;
  readonly Condition?: string;
  readonly DependsOn?: string;
  readonly CreationPolicy?: TemplateValue;
  readonly UpdatePolicy?: TemplateValue;
  readonly Properties: { readonly [name: string]: TemplateValue };
}

export interface TemplateParameter {
  readonly Type: string;
  readonly Description: string;
  readonly Default?: string | number;
  readonly AllowedValues?: readonly (string | number)[];
  readonly AllowedPattern?: string;
}

export interface StackTemplate {
  readonly Description: string;
  readonly Parameters: { readonly [name: string]: TemplateParameter };
  readonly Rules: { readonly [name: string]: TemplateValue };
  readonly Mappings: {
    readonly InstanceTypes: { readonly [type: string]: { readonly Architecture: string } };
  };
  readonly Resources: { readonly [id: string]: TemplateResource };
  readonly Outputs: {
    readonly [name: string]: { readonly Description: string; readonly Value: TemplateValue };
  };
}

export const STACK_TEMPLATE = path.resolve(import.meta.dirname, '../../packer/stack/gateway.yaml');

const SHORT_FORMS = ['Ref', 'Sub', 'GetAtt', 'If', 'Equals', 'Not', 'FindInMap'];

/** The template as data. A short form that is not in the list above is an error, not a string. */
export async function readStackTemplate(file = STACK_TEMPLATE): Promise<StackTemplate> {
  const document = parseDocument(await readFile(file, 'utf8'), {
    customTags: SHORT_FORMS.flatMap((name) => [createScalarTag(name), createListTag(name)]),
  });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) throw problem;
  return document.toJS() as StackTemplate;
}

const toLongForm = (name: string) => (name === 'Ref' ? 'Ref' : `Fn::${name}`);

const createScalarTag = (name: string): ScalarTag => ({
  tag: `!${name}`,
  resolve: (text) => ({ [toLongForm(name)]: text }),
});

const createListTag = (name: string): CollectionTag => ({
  tag: `!${name}`,
  collection: 'seq',
  resolve(list) {
    const map = new YAMLMap();
    map.add(new Pair(toLongForm(name), list));
    return map;
  },
});
