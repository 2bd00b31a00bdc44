type Measured = Readonly<Record<string, number | undefined>>;
export type Limits = Readonly<Record<string, number>>;
export const LIMITS: Limits;
export function judgeSoak(samples: readonly { readonly sample: Measured }[], limits?: Limits): string[];
