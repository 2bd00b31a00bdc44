import { sortFiles } from '../digest.ts';
import type { EdnName } from '../edn/node.ts';
import { readEdn } from '../edn/read.ts';
import { createIssueLog } from '../gate/issue-log.ts';
import { readMetaschema } from '../gate/metaschema.ts';
import type { Metaschema } from '../gate/metaschema-model.ts';
import { decodeMetaschema } from '../gate/metaschema-text.ts';
import type { KnownAttributes } from '../gate/tables.ts';
import { managedKindOf } from '../managed-path.ts';
import type { SourceFile } from '../types.ts';
import { type DatomicSchema, listAttributes } from './datomic-schema.ts';

export interface MetaschemaFile {
  readonly path: string;
  readonly metaschema: Metaschema;
}

/** The metaschemas among these files, by path, as far as they can be understood; the gate says what cannot. */
export function readMetaschemas(files: readonly SourceFile[]): readonly MetaschemaFile[] {
  return sortFiles(files).flatMap(({ path, bytes }) => {
    if (managedKindOf(path) !== 'metaschema') return [];
    const unheard = createIssueLog(path, 'METASCHEMA_TOO_MANY_FINDINGS');
    const text = decodeMetaschema(bytes, unheard);
    const { form, isBalanced } = readEdn(text ?? '');
    const metaschema = form === null || !isBalanced ? null : readMetaschema(form, unheard);
    return metaschema === null ? [] : [{ path, metaschema }];
  });
}

/** A schema with all attributes that a database with it has. */
export interface KnownSchema {
  readonly path: string;
  readonly attributes: KnownAttributes;
}

export const knowSchema = (schema: DatomicSchema): KnownSchema => ({
  path: schema.path,
  attributes: listAttributes(schema),
});

/**
 * The membership attributes that a schema lacks. None: the metaschema applies to databases with this schema; any:
 * it does not, and none of its tables appears (Analytics Concepts, One Metaschema per Datomic Schema).
 */
export function findMissing(metaschema: Metaschema, { attributes }: KnownSchema): readonly EdnName[] {
  return metaschema.tables.map(({ attribute }) => attribute).filter(({ text }) => !attributes.has(text));
}
