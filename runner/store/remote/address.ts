/**
 * From what a person writes to the remote cache that is meant. Passwords stay out of all messages.
 *
 * @module
 */
import { resolve } from "node:path";
import { UserError } from "../../diagnostic.ts";
import { FolderPlace } from "./folder.ts";
import { type Credentials, HttpPlace } from "./http.ts";
import type { Place } from "./place.ts";

/**
 * Opens a remote cache; nothing is asked of it yet.
 *
 * @param address `http://…`, `https://…` or a folder
 * @param token says who is asking, if the address has no user and password
 * @throws {UserError} if it is neither
 */
export function openPlace(address: string, token: string | undefined): Place {
  if (!address.includes("://")) return new FolderPlace(resolve(address));
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UserError({
      message: `Cannot use the remote cache ${withoutPassword(address)}: it is no address of one`,
      notes: ["Give http://HOST/PATH, https://HOST/PATH or a folder"],
    });
  }
  const credentials = credentialsOf(url) ?? (token ? { token } : undefined);
  return new HttpPlace(new URL(url.pathname, url.origin), credentials);
}

function credentialsOf({ username, password }: URL): Credentials | undefined {
  if (username === "" && password === "") return undefined;
  try {
    return { user: decodeURIComponent(username), password: decodeURIComponent(password) };
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    throw new UserError({
      message: "Cannot read the user and password in the address of the remote cache",
      notes: ["Write a % in them as %25, an @ as %40, a : as %3A, a / as %2F"],
    });
  }
}

function withoutPassword(address: string): string {
  return address.replace(/\/\/.*@/s, "//…@");
}
