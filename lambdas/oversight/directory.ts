/** Someone who may ask for runs or decide on holds. */
export interface Member {
  /** Stable subject id: what records name and four-eyes compares. */
  readonly id: string;
  readonly name: string;
  readonly groups: readonly string[];
  /** Where they are mailed; nobody else is. */
  readonly email?: string | undefined;
}

/** Who people are and what they may decide, as of now. */
export interface Directory {
  find(id: string): Promise<Member | undefined>;
  /** The members of any of these groups. */
  members(groups: readonly string[]): Promise<readonly Member[]>;
}

/** A directory that stands in memory: a file's contents, or a test's. */
export function listedDirectory(members: readonly Member[]): Directory {
  const byId = new Map(members.map((member) => [member.id, member]));
  return {
    find: async (id) => byId.get(id),
    members: async (groups) => members.filter((m) => m.groups.some((group) => groups.includes(group))),
  };
}
