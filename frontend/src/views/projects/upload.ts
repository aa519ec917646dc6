import { Problem, type ProblemShape } from "../../api/client";
import type { Draft } from "./words";

/** Send a file as the body of a request, telling how much of it (0 to 1) has gone; large files may take minutes. */
export function upload(
  method: "POST" | "PUT",
  address: string,
  file: File,
  tell: (share: number) => void,
): Promise<Draft> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, `${address}?${new URLSearchParams({ filename: file.name })}`);
    request.setRequestHeader("x-tradewind", "1");
    request.setRequestHeader("content-type", "application/octet-stream");
    request.responseType = "json";
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) tell(event.loaded / event.total);
    };
    request.onload = () => {
      if (request.status < 300) resolve(request.response as Draft);
      else reject(new Problem(problemOf(request)));
    };
    request.onerror = () =>
      reject(
        new Problem({
          title: "The file did not arrive",
          status: 0,
          detail: "The connection failed.",
          fix: "see whether `tradewind dashboard` still runs, then try again",
        }),
      );
    request.send(file);
  });
}

function problemOf(request: XMLHttpRequest): ProblemShape {
  const said = request.response as Partial<ProblemShape> | null;
  if (said && typeof said.title === "string" && typeof said.detail === "string")
    return { title: said.title, detail: said.detail, status: request.status, fix: said.fix ?? null };
  return {
    title: "The dashboard failed",
    status: request.status,
    detail: `It answered ${request.status}.`,
  };
}
