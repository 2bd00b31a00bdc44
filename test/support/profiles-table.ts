/** The table of engines in README, from the profiles; a test and `test/tools/readme-tables.mjs` share it. */
import { describeNeed } from '../../agent/core/engine/java.ts';
import { profileOf } from '../../agent/core/engine/profile.ts';
import { PROFILE_ROWS } from '../../agent/core/engine/profiles.ts';

export const PROFILES_HEADER = '| from release | Java | header | one query may take | started faster by | |';

const WARM = { none: '', 'class-data-archive': 'class-data archive', 'aot-cache': 'AOT cache' };

export const PROFILES_ROWS: readonly (readonly string[])[] = PROFILE_ROWS.map(({ since, isTried }) => {
  const profile = profileOf({
    name: since > 350 ? 'trino' : 'presto',
    version: String(since),
    java: 'unknown',
  });
  const total = profile.hasTotalMemoryPerNode ? ' in all' : '';
  return [
    profile.label,
    describeNeed(profile).replace('Java ', ''),
    `\`${profile.headerPrefixes[0]}…\``,
    `${profile.queryMemoryPercent} % of the heap${total}`,
    WARM[profile.warmStart],
    isTried === true ? 'tried here' : 'from the release notes',
  ];
});
