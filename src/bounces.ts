import type { Delivery } from "#mail-delivery/deliver-emails.ts";
import { findReportedMail, recordReport } from "#mail-delivery/record-report.ts";
import type { Deps } from "#platform/deps.ts";
import { readDeliveryReport } from "#platform/mail/delivery-report.ts";
import { type ReportReceiver, receiveReports } from "#platform/mail/report-receiver.ts";
import type { Config } from "./config.ts";

/** Reports about undelivered mails are taken where the configuration says, if it does, and followed. @throws OperatorError */
export async function receiveBounces(
  deps: Deps,
  { kinds, counts }: Pick<Delivery, "kinds" | "counts">,
  config: Config["bounces"],
): Promise<ReportReceiver | undefined> {
  if (!config?.listen) return undefined;
  const find = (address: string) => findReportedMail(deps, address, config.domain);
  return receiveReports({
    ...config.listen,
    log: deps.log,
    isExpected: async (address) => (await find(address)) !== undefined,
    receive: async (address, raw) => {
      const [mail, report] = await Promise.all([find(address), readDeliveryReport(raw)]);
      if (!mail || !report) return;
      const isNews = await recordReport(deps, kinds, { ...mail, report });
      if (isNews && report.outcome === "failed") counts.count("bounced");
    },
  });
}
