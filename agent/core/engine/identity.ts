/** Engine and Java as they matter to the rendering and to the fingerprint. */
export interface EngineIdentity {
  /** `presto`, `trino`, or `stand-in`. */
  readonly name: string;
  readonly version: string;
  /** Full Java version, or `none` for the stand-in. */
  readonly java: string;
}
