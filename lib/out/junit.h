/* A judged trend as JUnit XML, for the test reports of Jenkins, GitLab and the like; heapdiff(1) says what
 * each test case means.
 *
 * One suite. A test case "captures are complete" passes or, where a capture is partial, is skipped with the
 * reason. Without growth, "nothing grows" passes, or is skipped with the reason if the evidence is
 * insufficient. With growth, each finding that makes the exit status 1 is a test case of its own that fails,
 * named by what it is and not by how much it grew, so that its history is one line over many nights. No
 * result at all is an error. The document is valid against the two schemas in use: Ant's and the Jenkins
 * xUnit plugin's. Pure: reads, appends. */
#ifndef HS_OUT_JUNIT_H
#define HS_OUT_JUNIT_H

#include "out/job_report.h"

struct hs_error *hs_junit_put(struct hs_strbuf *out, const struct hs_job_report *report) HS_MUST_CHECK;

#endif
