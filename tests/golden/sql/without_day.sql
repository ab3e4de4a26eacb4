SELECT
  CAST(SUM("t2"."contract_count") AS DECIMAL(38, 0)) AS "contract_count",
  CAST(SUM("t2"."contract_value_fen") AS DECIMAL(38, 0)) AS "contract_value_fen",
  CAST(SUM("t2"."technology_value_fen") AS DECIMAL(38, 0)) AS "technology_value_fen"
FROM (
  SELECT
    COUNT(*) AS "contract_count",
    SUM("t1"."contract_value_fen") AS "contract_value_fen",
    SUM("t1"."technology_value_fen") AS "technology_value_fen"
  FROM (
    SELECT
      *
    FROM "contracts" AS "t0"
    WHERE
      "t0"."signed_year" IN (2023, 2024)
      AND "t0"."signed_day" IS NULL
      AND "t0"."contract_status" <> 'cancelled'
  ) AS "t1"
) AS "t2"
