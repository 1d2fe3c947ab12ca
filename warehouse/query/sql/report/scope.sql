-- What a report covers. Its queries read these tables, so that they need no parameters.
CREATE OR REPLACE TEMP TABLE scope AS
SELECT CAST($now AS TIMESTAMPTZ) AS now, CAST($since AS TIMESTAMPTZ) AS since,
    CAST($sources AS VARCHAR[]) AS sources;
