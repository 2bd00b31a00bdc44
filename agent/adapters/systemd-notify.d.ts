declare module 'systemd-notify' {
  /** Spawns the system's `systemd-notify`; rejects with its output when it fails. */
  function systemdNotify(options: { ready?: boolean; status?: string; pid?: number }): Promise<unknown>;
  export = systemdNotify;
}
