// A plugin has no clock and no chance. Its engine would not refuse: it would give the time and the random numbers of the
// moment in which the component was built, for ever, so that keys made of them would be the same for every order. Here
// they throw. What must be unique is made from the operation's id; what needs a time has `link.now()`.

const refuse = (what, instead) => () => {
  throw new Error(`${what} would give the same value in every call: ${instead}`);
};
const noClock = (what) => refuse(what, "the times are in the operation, the journal and the facts");
const noChance = (what) => refuse(what, "make what must be unique from the operation's id");

Math.random = noChance("Math.random()");
Date.now = noClock("Date.now()");
globalThis.Date = new Proxy(Date, {
  construct: (target, values) => (values.length > 0 ? new target(...values) : noClock("new Date()")()),
  apply: noClock("Date()"),
});
for (const name of ["randomUUID", "getRandomValues"]) {
  if (globalThis.crypto?.[name]) {
    Object.defineProperty(globalThis.crypto, name, { value: noChance(`crypto.${name}()`), configurable: true });
  }
}
