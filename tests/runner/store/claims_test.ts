import assert from "node:assert/strict";
import fc from "fast-check";
import { type Claim, Claims, type Rhythm, type Taken } from "../../../runner/store/claims.ts";
import { AtomicFiles } from "../../../runner/store/files.ts";
import { lifeOf, ownerOf, ownName, thisOwner } from "../../../runner/store/owner.ts";
import { pulse } from "../../../runner/store/pulse.ts";
import { testFolder } from "../../helpers/folder.ts";

const KEY = "ab12";

function claims(folder: string, rhythm?: Rhythm): Claims {
  return new Claims(`${folder}/claims`, new AtomicFiles(`${folder}/tmp`), rhythm);
}

function claimOf(taken: Taken): Claim {
  assert("claim" in taken);
  return taken.claim;
}

/** Name of a file of an owner like this process, but for what is given. */
function nameOf(owner: Partial<ReturnType<typeof thisOwner>>): string {
  const { host, machine, pid, started } = { ...thisOwner(), ...owner };
  return [host, machine, pid, started, "x"].join("~");
}

/** What is left in the folder of claims: key → names. */
function left(folder: string): Record<string, string[]> {
  return Object.fromEntries(
    [...Deno.readDirSync(`${folder}/claims`)].map(({ name }) => [
      name,
      [...Deno.readDirSync(`${folder}/claims/${name}`)].map((file) => file.name),
    ]),
  );
}

Deno.test("a key belongs to one at a time", () => {
  using temp = testFolder();
  const [one, two] = [claims(temp.path), claims(temp.path)];
  const { host, pid } = thisOwner();
  const claim = claimOf(one.take(KEY));
  assert.deepEqual(two.take(KEY), { heldBy: { host, pid } });
  claimOf(two.take("other")).release();
  claim.release();
  claimOf(two.take(KEY)).release();
  assert.deepEqual(left(temp.path), {});
});

Deno.test("what a dead process of this machine held is free", () => {
  using temp = testFolder({ [`claims/${KEY}/${nameOf({ pid: 999_999_999 })}`]: "0" });
  claimOf(claims(temp.path).take(KEY)).release();
  assert.deepEqual(left(temp.path), {});
});

Deno.test("another process with the number of a dead one is not taken for it", () => {
  using temp = testFolder({ [`claims/${KEY}/${nameOf({ started: "1" })}`]: "0" });
  claimOf(claims(temp.path).take(KEY)).release();
});

Deno.test("half a claim is none: an empty folder, a file with another name", () => {
  using temp = testFolder({ "claims/cd/.nfs0001": "" });
  Deno.mkdirSync(`${temp.path}/claims/${KEY}`);
  const all = claims(temp.path);
  claimOf(all.take(KEY)).release();
  claimOf(all.take("cd")).release();
  assert.deepEqual(left(temp.path), {});
});

Deno.test("sweep() removes what the dead left and nothing else", () => {
  const elsewhere = nameOf({ host: "another-machine" });
  using temp = testFolder({
    [`claims/dead/${nameOf({ pid: 999_999_999 })}`]: "0",
    [`claims/far/${elsewhere}`]: "0",
  });
  Deno.mkdirSync(`${temp.path}/claims/empty`);
  const all = claims(temp.path);
  const mine = all.take("mine");
  all.sweep();
  const { mine: own, ...others } = left(temp.path);
  assert.equal(own.length, 1);
  assert.deepEqual(others, { far: [elsewhere] });
  claimOf(mine).release();
});

Deno.test("an owner elsewhere is dead after a minute of watching without a sign of life", () => {
  const elsewhere = nameOf({ host: "another-machine" });
  const file = `claims/${KEY}/${elsewhere}`;
  using temp = testFolder({ [file]: "000000000001" });
  let time = 0;
  const all = claims(temp.path, { beat: 1000, silence: 60_000, now: () => time });
  const held = { heldBy: { host: "another-machine", pid: Deno.pid } };
  const watch = (seconds: number) => {
    for (let i = 0; i < seconds; i++) {
      time += 1000;
      const taken = all.take(KEY);
      if ("claim" in taken) return taken;
      assert.deepEqual(taken, held);
    }
  };
  assert.equal(watch(60), undefined);
  temp.write({ [file]: "000000000002" });
  assert.equal(watch(50), undefined);
  // Who was stopped for an hour has seen nothing of that hour.
  time += 3_600_000;
  assert.deepEqual(all.take(KEY), held);
  assert.equal(watch(5), undefined);
  const taken = watch(10);
  assert(taken !== undefined);
  claimOf(taken).release();
});

Deno.test("an owner gives signs of life, also while it hashes, until it lets go", () => {
  using temp = testFolder();
  let time = 0;
  const all = claims(temp.path, { beat: 1000, silence: 60_000, now: () => time });
  const claim = claimOf(all.take(KEY));
  const [name] = left(temp.path)[KEY];
  const sign = () => Deno.readTextFileSync(`${temp.path}/claims/${KEY}/${name}`);
  const signs = [sign()];
  for (let i = 0; i < 3; i++) {
    time += 400;
    pulse();
    signs.push(sign());
  }
  assert.deepEqual(signs, ["000000000000", "000000000000", "000000000001", "000000000001"]);
  claim.release();
  time += 1000;
  pulse();
  assert.deepEqual(left(temp.path), {});
});

Deno.test("an owner hears that its claim was taken over, and leaves the new owner's alone", () => {
  using temp = testFolder();
  let time = 0;
  const one = claims(temp.path, { beat: 1000, silence: 60_000, now: () => time });
  const claim = claimOf(one.take(KEY));
  const [name] = left(temp.path)[KEY];
  const other = nameOf({ host: "another-machine" });
  Deno.renameSync(`${temp.path}/claims/${KEY}/${name}`, `${temp.path}/claims/${KEY}/${other}`);
  assert.equal(claim.lost.aborted, false);
  time += 1000;
  pulse();
  assert.equal(claim.lost.aborted, true);
  claim.release();
  assert.deepEqual(left(temp.path), { [KEY]: [other] });
});

Deno.test("the name of an owner says who it is", () => {
  assert.deepEqual(ownerOf(ownName()), thisOwner());
  assert.equal(lifeOf(thisOwner()), "alive");
  assert.notEqual(ownName(), ownName());
  for (const name of ["", "a~b~c", "a~b~c~d~e", ".nfs0001"]) assert.equal(ownerOf(name), undefined);
});

Deno.test("however several runners take, let go and die, no key has two living owners", () => {
  const step = fc.record({
    who: fc.nat(2),
    what: fc.constantFrom("take", "release", "die"),
    key: fc.constantFrom("k1", "k2"),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      using temp = testFolder();
      let runners = [0, 1, 2].map(() => claims(temp.path));
      const owner = new Map<string, { who: number; claim: Claim }>();
      for (const { who, what, key } of steps) {
        const held = owner.get(key);
        if (what === "take") {
          const taken = runners[who].take(key);
          assert.equal("claim" in taken, held === undefined);
          if ("claim" in taken) owner.set(key, { who, claim: taken.claim });
        } else if (what === "release" && held?.who === who) {
          held.claim.release();
          owner.delete(key);
        } else if (what === "die") {
          // As if the process were gone: its files now name one that is.
          for (const [key, held] of owner) {
            if (held.who !== who) continue;
            const folder = `${temp.path}/claims/${key}`;
            const [{ name }] = Deno.readDirSync(folder);
            Deno.renameSync(`${folder}/${name}`, `${folder}/${nameOf({ pid: 999_999_999 })}`);
            held.claim.release(); // has nothing left to remove
            owner.delete(key);
          }
          runners = runners.with(who, claims(temp.path));
        }
      }
      for (const { claim } of owner.values()) claim.release();
      claims(temp.path).sweep();
      if (steps.some(({ what }) => what === "take")) assert.deepEqual(left(temp.path), {});
    }),
    { numRuns: 50 },
  );
});

Deno.test("processes that fight for keys and are killed never have one at the same time", async () => {
  const KEYS = 2;
  const KILLS = Number(Deno.env.get("CRASH_KILLS") ?? 12);
  using temp = testFolder({ turns: "", "inside-key0": "", "inside-key1": "" });
  const child = new URL("./claims_child.ts", import.meta.url).pathname;
  const start = () =>
    new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-check", "-A", child, temp.path, String(KEYS)],
      stdout: "inherit",
      stderr: "inherit",
    }).spawn();
  const turns = () => Deno.statSync(`${temp.path}/turns`).size;
  const until = async (count: number) => {
    while (turns() < count) await new Promise((resolve) => setTimeout(resolve, 2));
  };
  const running = [start(), start(), start()];
  for (let kill = 0; kill < KILLS; kill++) {
    await until(turns() + 10);
    const victim = running[kill % running.length];
    victim.kill("SIGKILL");
    assert.equal((await victim.status).signal, "SIGKILL");
    running[kill % running.length] = start();
  }
  // Whoever is left still gets both keys.
  await until(turns() + 10);
  for (const process of running) {
    process.kill("SIGKILL");
    assert.equal((await process.status).signal, "SIGKILL");
  }
  claims(temp.path).sweep();
  assert.deepEqual(left(temp.path), {});
});
