import type { JSX } from "hono/jsx/jsx-runtime";

import type { Assets } from "./assets.ts";
import { ButtonLink } from "./button.tsx";
import { PublicPage } from "./layout.tsx";

interface FaultPageProps {
  readonly assets: Assets;
  readonly instance: { readonly name: string };
  readonly title: string;
  readonly detail: string;
  readonly requestId: string;
}

/** Says what was refused or went wrong, what to do, and by which number the operator finds it. */
export function FaultPage({ assets, instance, title, detail, requestId }: FaultPageProps): JSX.Element {
  return (
    <PublicPage assets={assets} instance={instance} title={title.replace(/\.$/, "")} help={<p>Request {requestId}</p>}>
      <p>{detail}</p>
      <ButtonLink kind="primary" wide href="/">
        To the start page
      </ButtonLink>
    </PublicPage>
  );
}
