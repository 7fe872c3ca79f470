/** A signature in Celery's JSON form, as it travels inside messages. Readers default each missing field. */
export interface SignatureJson {
  readonly task: string;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  /** Send options in Celery's names (`task_id`, `queue`, `link`, …). */
  readonly options: Readonly<Record<string, unknown>>;
  /** `chain`, `group`, `chord`, or null for a plain signature. */
  readonly subtask_type: string | null;
  /** Results of earlier steps are not added to `args`. */
  readonly immutable: boolean;
}
