import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { sourceAddressBehind } from "./source-address.ts";

const PROXY = "10.0.0.1";

suite("the source address", () => {
  test("is the peer, whatever a header says, while no proxy is trusted", () => {
    const sourceAddress = sourceAddressBehind([]);
    for (const forged of [undefined, "", "203.0.113.9", "127.0.0.1", `${PROXY}, 203.0.113.9`]) {
      assert.equal(sourceAddress("198.51.100.7", forged), "198.51.100.7");
    }
  });

  test("is what a trusted proxy saw, not what a stranger wrote to the left of it", () => {
    const sourceAddress = sourceAddressBehind(["10.0.0.0/8"]);
    assert.equal(sourceAddress(PROXY, "203.0.113.9"), "203.0.113.9");
    assert.equal(sourceAddress(PROXY, "127.0.0.1, 1.2.3.4, 203.0.113.9"), "203.0.113.9");
    assert.equal(sourceAddress(PROXY, "1.2.3.4, 203.0.113.9, 10.9.9.9"), "203.0.113.9", "through two proxies");
    assert.equal(sourceAddress("198.51.100.7", "203.0.113.9"), "198.51.100.7", "who is no proxy is not believed");
    assert.equal(sourceAddress("11.0.0.1", "203.0.113.9"), "11.0.0.1", "beside the network");
  });

  test("is the proxy itself where it names nobody, and ignores what is no address", () => {
    const sourceAddress = sourceAddressBehind([PROXY]);
    assert.equal(sourceAddress(PROXY, undefined), PROXY);
    assert.equal(sourceAddress(PROXY, "unknown, _hidden, <script>"), PROXY);
    assert.equal(sourceAddress(PROXY, "10.0.0.1, 10.0.0.1"), PROXY);
  });

  test("is what stands beside the port, which some proxies add", () => {
    const sourceAddress = sourceAddressBehind(["10.0.0.0/8", "fd00::/8"]);
    assert.equal(sourceAddress(PROXY, "198.51.100.7, 203.0.113.9:51234"), "203.0.113.9");
    assert.equal(sourceAddress(PROXY, "198.51.100.7, 203.0.113.9:51234, 10.9.9.9:443"), "203.0.113.9");
    assert.equal(sourceAddress(PROXY, "198.51.100.7, [2001:db8::9]:51234, [fd00::5]"), "2001:db8::9");
    assert.equal(sourceAddress(PROXY, "[::ffff:203.0.113.9]:51234"), "203.0.113.9");
  });

  test("is never what stands beyond a hop that is no address", () => {
    const sourceAddress = sourceAddressBehind(["10.0.0.0/8"]);
    for (const hop of [
      "unknown",
      "",
      "_hidden:51234",
      "203.0.113.9:port",
      "[203.0.113.9",
      "[2001:db8::9]x",
      "203.0.113",
    ])
      assert.equal(sourceAddress(PROXY, `198.51.100.7, ${hop}`), PROXY, hop);
    assert.equal(sourceAddress(PROXY, "198.51.100.7, unknown, 10.9.9.9"), "10.9.9.9");
  });

  test("knows IPv6, and IPv4 in its clothes", () => {
    const sourceAddress = sourceAddressBehind(["fd00::/8", PROXY]);
    assert.equal(sourceAddress("fd00::5", "2001:db8::9"), "2001:db8::9");
    assert.equal(sourceAddress(`::ffff:${PROXY}`, "::ffff:203.0.113.9"), "203.0.113.9");
    assert.equal(sourceAddress("::1", "2001:db8::9"), "::1");
  });
});
