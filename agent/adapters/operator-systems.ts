import {
  GetResourcesCommand,
  ResourceGroupsTaggingAPIClient,
  type TagFilter,
} from '@aws-sdk/client-resource-groups-tagging-api';
import { AgentError } from '../core/errors.ts';
import type { TaggedSystems } from '../ports/operators.ts';
import { callAws, type OperatorConfig } from './operator-config.ts';

const TAG = 'datomic:system';
const BUCKET_ARN = 'arn:[^:]*:s3:::([^/]+)$';
/** More pages than an account has buckets for. */
const MAX_PAGES = 100;

/** Buckets by their tag, and the region in which they are looked for. Needs `tag:GetResources`. */
export function createTaggedSystems(
  config: OperatorConfig,
): TaggedSystems & { readonly region: () => Promise<string> } {
  const client = new ResourceGroupsTaggingAPIClient(config);

  const find = async (filter: TagFilter, signal: AbortSignal) =>
    callAws({ call: 'tag:GetResources' }, signal, async (abortSignal) => {
      const found: { readonly bucket: string; readonly system: string }[] = [];
      let token = '';
      for (let page = 0; page < MAX_PAGES; page += 1) {
        const command = new GetResourcesCommand({
          ResourceTypeFilters: ['s3'],
          TagFilters: [filter],
          ...(token === '' ? {} : { PaginationToken: token }),
        });
        const answer = await client.send(command, { abortSignal });
        for (const { ResourceARN = '', Tags = [] } of answer.ResourceTagMappingList ?? []) {
          const bucket = new RegExp(BUCKET_ARN, 'u').exec(ResourceARN)?.[1];
          const system = Tags.find(({ Key }) => Key === TAG)?.Value;
          if (bucket !== undefined && system !== undefined) found.push({ bucket, system });
        }
        token = answer.PaginationToken ?? '';
        if (token === '') return found;
      }
      throw new AgentError('OPERATOR_REFUSED', 'listing of tags does not end', {
        fields: { call: 'tag:GetResources' },
      });
    });

  const sortOnce = (names: readonly string[]) => [...new Set(names)].sort();
  return {
    region: () => callAws({ call: 'region' }, new AbortController().signal, () => client.config.region()),
    async bucketsOf(system, signal) {
      const found = await find({ Key: TAG, Values: [system] }, signal);
      // The service compares as it likes; a system is its exact name.
      return sortOnce(found.filter((one) => one.system === system).map(({ bucket }) => bucket));
    },
    async list(signal) {
      return sortOnce((await find({ Key: TAG }, signal)).map(({ system }) => system));
    },
  };
}
