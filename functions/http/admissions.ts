// Who may call which routes, as the table of routes says: one admission for each kind of callers.
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Allowance } from '../../shared/domain/caller.ts';
import type { Identity } from '../../shared/domain/connection.ts';
import type { ApiKey, Telemetry } from '../../shared/ports.ts';
import type { Callers, HttpRouteName, routes } from '../../shared/protocol/routes.ts';
import { admitAdmin } from '../../shared/usecases/admit-admin.ts';
import type { AdmissionPorts } from '../../shared/usecases/admit-caller.ts';
import { admitCaller } from '../../shared/usecases/admit-caller.ts';
import type { Office, OfficePorts } from '../../shared/usecases/admit-office.ts';
import { admitOffice } from '../../shared/usecases/admit-office.ts';
import type { UserAdmissionPorts } from '../../shared/usecases/admit-user.ts';
import { admitUser } from '../../shared/usecases/admit-user.ts';
import type { VisitorPorts } from '../../shared/usecases/admit-visitor.ts';
import { admitVisitor } from '../../shared/usecases/admit-visitor.ts';

/** What a route knows of its caller. */
export interface CallerOf {
  readonly key: ApiKey;
  readonly office: Office;
  readonly admin: Identity;
  readonly person: Identity;
  readonly anyone: null;
}

interface PortsOf {
  readonly key: AdmissionPorts;
  readonly office: OfficePorts;
  readonly admin: UserAdmissionPorts;
  readonly person: UserAdmissionPorts;
  readonly anyone: VisitorPorts;
}

export type CallersOf<Name extends HttpRouteName> = (typeof routes)[Name]['callers'];
export type EndpointPorts<Kind extends Callers> = PortsOf[Kind] & { readonly telemetry: Telemetry };

interface Admitted<Caller> {
  readonly caller: Caller;
  readonly allowance: Allowance;
  /** What the log may hold of the caller. */
  readonly logged: Readonly<Record<string, string>>;
}

type Admissions = {
  readonly [Kind in Callers]: (
    ports: PortsOf[Kind],
    event: APIGatewayProxyEventV2,
  ) => Promise<Admitted<CallerOf[Kind]>>;
};

/** Each throws the refusal; an exceeded allowance is for the endpoint to refuse, with its headers. */
export const admissions: Admissions = {
  key: async (ports, { headers, requestContext }) => {
    const admitted = await admitCaller(ports, headers, requestContext.http.sourceIp);
    return { ...admitted, logged: { keyId: admitted.caller.keyId } };
  },
  office: async (ports, { headers, requestContext }) => {
    const admitted = await admitOffice(ports, headers, requestContext.http.sourceIp);
    return { ...admitted, logged: { keyId: admitted.caller.keyId } };
  },
  admin: async (ports, { headers }) => ofTenant(await admitAdmin(ports, headers)),
  person: async (ports, { headers }) => ofTenant(await admitUser(ports, headers)),
  anyone: async (ports, { requestContext, routeKey }) => ({
    ...(await admitVisitor(ports, requestContext.http.sourceIp, routeKey)),
    logged: {},
  }),
};

function ofTenant<Caller extends Identity>(admitted: Omit<Admitted<Caller>, 'logged'>): Admitted<Caller> {
  return { ...admitted, logged: { tenant: admitted.caller.tenant } };
}
