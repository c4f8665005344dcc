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
  /** Who can give the person what their role lacks, in words, so that they may ask for it; undefined where it lacks nothing. */
  readonly grantors: string | undefined;
}

/** Says what was refused or went wrong, what to do, and by which number the operator finds it. */
export function FaultPage(props: FaultPageProps): JSX.Element {
  const { assets, instance, title, detail, requestId, grantors } = props;
  return (
    <PublicPage assets={assets} instance={instance} title={title.replace(/\.$/, "")} help={<p>Request {requestId}</p>}>
      <p>{detail}</p>
      {grantors !== undefined && (
        <>
          <p>{grantors} can give you what your role lacks.</p>
          <ButtonLink wide href="/access-requests/new">
            Request access
          </ButtonLink>
        </>
      )}
      <ButtonLink kind="primary" wide href="/">
        To the start page
      </ButtonLink>
    </PublicPage>
  );
}
