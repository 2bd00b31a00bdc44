/** What an operator's machine can have done to a gateway through AWS. Failures are those of `OperatorAws`. */

/** Systems Manager's Run Command. */
export interface GatewayCommands {
  /** Resolves with the id of the command. A document that is not there is OPERATOR_MISSING. */
  send(command: GatewayCommand, signal: AbortSignal): Promise<string>;
  /** How far it is on that instance; null while Systems Manager knows nothing of it yet. */
  look(id: string, instance: string, signal: AbortSignal): Promise<Invocation | null>;
}

export interface GatewayCommand {
  readonly document: string;
  readonly instance: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** For the console; at most 100 characters. */
  readonly comment: string;
}

export interface Invocation {
  /** `InProgress`, `Success`, `DeliveryTimedOut`, …: the details, which say more than the status. */
  readonly status: string;
  /** Exit code of the document's step; -1 while it runs. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The scaling group that launches a system's gateway. */
export interface ScalingGroups {
  /** Names of all groups with a tag of the value `<system>-bastion`, whatever its key, in name order. */
  find(system: string, signal: AbortSignal): Promise<readonly string[]>;
  /** Null when it is not there any more. */
  look(group: string, signal: AbortSignal): Promise<ScalingGroup | null>;
  /** Sets the least and the desired number of instances. */
  resize(group: string, size: 0 | 1, signal: AbortSignal): Promise<void>;
}

export interface ScalingGroup {
  readonly minimum: number;
  readonly maximum: number;
  readonly desired: number;
  readonly instances: readonly {
    readonly id: string;
    /** `Pending`, `InService`, `Terminating`, …. */
    readonly lifecycle: string;
  }[];
}
