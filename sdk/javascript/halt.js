// Why a run ends before its outcome: not an error of the adapter's but the step that comes next. It is thrown.

/** The step with which a run ends early. */
export class Halt extends Error {
  constructor(step) {
    super(`the run halts: ${step.tag}`);
    this.step = step;
  }

  /** Wakes a waiting operation early when a push names this key. Changes nothing on a halt that is not a wait. */
  orWhen(key) {
    if (this.step.tag === "again") this.step.val.wakeOn.push(key);
    return this;
  }
}

/** Repeats the last request after so many seconds; its new answer is what the next run sees. */
export const again = (afterSeconds) => new Halt({ tag: "again", val: { afterSeconds, wakeOn: [] } });

/** The carrier said no, by its own code and text. */
export const rejected = (code, text) => new Halt({ tag: "done", val: { tag: "rejected", val: { code, text } } });

/** No true answer exists: a person must look. `kind` is diverged, unexpected-answer, uncertain or other. */
export const stuck = (kind, message) => new Halt({ tag: "stuck", val: { kind, message } });
