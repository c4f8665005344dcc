import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { RekeyError } from "#lib/errors.ts";
import { PASSWORD_PATHS } from "../../test/support/password-paths.ts";
import { Random } from "../../test/support/random.ts";
import { testRekey } from "../../test/support/rekey.ts";
import { readCommonPasswords } from "./common-passwords.ts";
import {
  type PasswordContext,
  requireAcceptablePassword,
  LONGEST_PASSWORD,
  SHORTEST_PASSWORD,
} from "./password-policy.ts";

const rekey = await testRekey();

const EMILIE: PasswordContext = {
  user: {
    firstName: "Émilie",
    lastName: "Gérard-Østergård",
    username: "egerard",
    email: "emilie.gerard@pinehouse.example",
  },
  instanceName: "Pine House Recovery",
};

const LI: PasswordContext = {
  user: { firstName: "Li", lastName: "Wu", username: "lw", email: "lw@x.example" },
  instanceName: "Ö",
};

/** Sentences of people, not of rules: one case only, no digit, only digits, only signs of another script, emoji. */
const PASSPHRASES: readonly string[] = [
  "quiet lantern meadow bicycle",
  "correct horse battery staple",
  "allinlowercaseandnothingelse",
  "THE KETTLE SINGS AT MIDNIGHT",
  "83920174659201837465",
  "one two buckle my shoe again",
  "I had 3 cats & they had me.",
  "~!@#$%^&*()_+|}{:?><,./;'[]",
  "ein Apfel fällt nicht weit vom Baum",
  "Straßenbahnhaltestellenschild",
  "le vieux moulin tourne encore",
  "où sont passées mes clés bleues",
  "la luna mira desde la colina",
  "el niño soñó con pingüinos",
  "o gato dorme no telhado quente",
  "três corações à beira-mar",
  "il treno parte senza di noi",
  "de fiets staat achter het huis",
  "på ön växer röda äpplen",
  "kissa istuu puun oksalla tänään",
  "blåbærsyltetøy på brødskiva",
  "wełniany szalik wisi na haku",
  "žluťoučký kůň úpěl ďábelské ódy",
  "árvíztűrő tükörfúrógép szól",
  "zece mere verzi într-un coș",
  "ağaçların gölgesinde uyuyor",
  "İstanbul'da yağmur yağıyordu",
  "тихий фонарь на лугу велосипед",
  "старий дуб стоїть над річкою",
  "тихо тече река покрай село",
  "η θάλασσα ήταν ήσυχη το πρωί",
  "השמש זורחת מעל ההרים הגבוהים",
  "القمر يضيء فوق النهر الهادئ",
  "ماه بر فراز رودخانه می‌تابد",
  "नदी के किनारे पुराना पेड़ है",
  "নদীর ধারে একটি পুরানো গাছ",
  "ஆற்றின் கரையில் ஒரு மரம் உள்ளது",
  "నది ఒడ్డున పాత చెట్టు ఉంది",
  "ต้นไม้ใหญ่อยู่ริมแม่น้ำสายเก่า",
  "con mèo ngủ trên mái nhà cũ",
  "kucing tidur di atas atap merah",
  "ang pusa ay natutulog sa bubong",
  "古い池に蛙が飛び込む水の音がする夜",
  "ふるいけやかわずとびこむみずのおと",
  "床前明月光疑是地上霜举头望明月低头思故乡",
  "조용한 등불 아래 자전거가 서 있다",
  "mti mkubwa uko kando ya mto",
  "ძველი ხე დგას მდინარის პირას",
  "հին ծառը կանգնած է գետի ափին",
  "🦔🌵🛶🎻🧭🪁🌶🍄🥁🪐🦩🛰🧶🪵🎲",
];

/** Each with what it is made of; letters of one's own are too few in all. */
const FROM_NAMES: readonly { context: PasswordContext; passwords: readonly string[] }[] = [
  {
    context: EMILIE,
    passwords: [
      "Emilie1234567890",
      "Émilie-Gérard-2024",
      "emilie.gerard@pinehouse.example",
      "EGERARD_egerard!",
      "Østergård 19840512",
      "PineHouseRecovery!",
      "pine house recovery 1",
      "pinehouse.example",
      "Rekey-Rekey-2026!!",
      "rekey pinehouse emilie",
      "Recovery2024Recovery",
      "gérard.émilie.99999",
      "ＥＭＩＬＩＥ　ＧＥＲＡＲＤ　２０２４",
      "my rekey pass 2024",
    ],
  },
  { context: LI, passwords: ["LiWu1234567890!!", "wu.li.0987654321"] },
];

const COMMON_FOR_THEMSELVES = [
  "aaaaaaaaaaaaaaaa",
  "abcabcabcabcabcabc",
  "abcdefghijklmnop",
  "123456789012345",
  "987654321098765",
  "passwordpassword",
];

suite("what people may choose for a password", () => {
  test("P2 50 passphrases of many languages are taken, without any rule of composition", async () => {
    assert.equal(new Set(PASSPHRASES).size, 50);
    for (const passphrase of PASSPHRASES) assert.equal(await faultOf(passphrase, EMILIE), undefined, passphrase);
  });

  test("P2 they sign in on every path", async () => {
    const oak = await rekey.createInstance();
    const admin = await oak.asOwner();
    for (const [index, passphrase] of PASSPHRASES.filter((_, at) => at % 8 === 2).entries()) {
      const maria = await oak.addUser();
      const path = PASSWORD_PATHS[index % PASSWORD_PATHS.length];
      const tryOn = await path?.open(oak, maria, admin);
      assert.equal((await tryOn?.(passphrase))?.isAccepted, true, passphrase);
      await oak.signIn(maria, passphrase);
    }
  });
});

suite("P3: what is guessed first", () => {
  test("P3 the list has at least 3,000 entries of 15 and more characters, and each is refused in any case and width", async () => {
    const entries = [...(await readCommonPasswords(SHORTEST_PASSWORD))];
    assert(entries.length >= 3_000, `${entries.length} entries`);
    for (const entry of entries) {
      for (const spelling of [entry, entry.toUpperCase(), capitalised(entry), wide(entry)]) {
        const isTooLong = [...spelling.normalize("NFKC")].length > LONGEST_PASSWORD;
        assert.equal(await faultOf(spelling, LI), isTooLong ? "too_long" : "common", spelling);
      }
    }
  });

  test("P3 sequences and repetitions are as common as if they were listed", async () => {
    for (const password of COMMON_FOR_THEMSELVES) assert.equal(await faultOf(password, LI), "common", password);
  });

  test("P3 what is built from the names of user, address, instance or product is refused", async () => {
    for (const { context, passwords } of FROM_NAMES) {
      for (const password of passwords) assert.equal(await faultOf(password, context), "from_names", password);
    }
    for (const password of [
      "emilie rides a green tandem",
      "pine trees whisper at dusk",
      "recovery of the lost umbrella",
    ]) {
      assert.equal(await faultOf(password, EMILIE), undefined, `${password}: a name beside words of one's own is fine`);
    }
  });

  test("P3 at most 1 of 1,000 random passphrases is refused, and none of 1,000 random texts", async () => {
    const random = new Random(3);
    const contexts = [EMILIE, LI];
    const phrases = random.many(1_000, () =>
      random.many(4, () => random.pick(WORDS)).join(random.pick([" ", "-", ""])),
    );
    const long = phrases.map((phrase) =>
      phrase.length < SHORTEST_PASSWORD ? `${phrase} ${random.pick(WORDS)}` : phrase,
    );
    const refused = await refusedOf(long, contexts);
    assert(refused.length <= 1, refused.join(", "));
    const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const texts = random.many(1_000, () =>
      random.many(random.between(15, 24), () => random.pick([...letters])).join(""),
    );
    assert.deepEqual(await refusedOf(texts, contexts), []);
  });

  test("P3 is told with its reason on every path", async () => {
    const oak = await rekey.createInstance("Pine House Recovery");
    const admin = await oak.asOwner();
    const { user } = EMILIE;
    for (const [number, { name, open }] of PASSWORD_PATHS.entries()) {
      const emilie = await oak.addUser({ ...user, email: `p${number}.${user.email}`, username: `egerard-${number}` });
      const tryOn = await open(oak, emilie, admin);
      for (const password of ["PasswordPassword", "123456789012345"]) {
        const { isAccepted, words } = await tryOn(password);
        assert.equal(isAccepted, false, `${name} ${password}`);
        assert.match(words, /guessed first.*random words/);
      }
      for (const password of FROM_NAMES[0]?.passwords ?? []) {
        const { isAccepted, words } = await tryOn(password);
        assert.equal(isAccepted, false, `${name} ${password}`);
        assert.match(words, /made of your name, your address, or the name of this CRM/);
      }
      assert.equal((await tryOn("emilie rides a green tandem")).isAccepted, true);
    }
  });
});

/** @returns the code of what is wrong with the password. */
async function faultOf(password: string, context: PasswordContext): Promise<string | undefined> {
  try {
    await requireAcceptablePassword(rekey.deps, password, context, "password");
    return undefined;
  } catch (error) {
    if (error instanceof RekeyError && error.code === "password_rejected") return error.fields[0]?.code;
    throw error;
  }
}

async function refusedOf(passwords: readonly string[], contexts: readonly PasswordContext[]): Promise<string[]> {
  const refused: string[] = [];
  for (const [index, password] of passwords.entries()) {
    const context = contexts[index % contexts.length];
    if (context && (await faultOf(password, context)) !== undefined) refused.push(password);
  }
  return refused;
}

function capitalised(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** In the fullwidth forms that an East Asian keyboard may give, which NFKC makes ordinary again. */
function wide(text: string): string {
  return text.replace(/[!-~]/g, (character) => String.fromCodePoint(character.charCodeAt(0) + 0xfee0));
}

const WORDS = `anchor apple autumn badge bamboo barrel basket beacon bishop blanket bottle branch bridge bronze bucket
button cabin cactus camera candle canyon carbon carpet castle cedar cellar cherry circle clover coast comet copper coral
cotton cradle crane crystal dagger daisy desert diamond dolphin dragon drawer eagle echo ember engine fabric falcon feather
fiddle flame forest fossil fountain galaxy garden garlic ginger glacier goblet guitar hammer harbor harvest hazel helmet
hollow honey horizon house icicle iron island ivory jacket jasmine jelly jungle kettle kitchen ladder lagoon lantern lemon
lime lizard lobster lumber magnet maple marble meadow mirror mitten mountain mustard needle nickel oak oasis ocean olive
onion orbit orchid oyster paddle pebble pencil pepper pillow pine planet pocket puzzle quartz rabbit raven recovery ribbon
river rocket saddle salmon sand shadow silver skate sparrow spice spring stone sugar sun tangle temple thunder tiger timber
tulip tunnel turtle valley velvet violin walnut water whale willow window winter zebra`.split(/\s+/);
