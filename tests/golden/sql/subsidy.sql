SELECT
  "t6"."service_body_id",
  "t6"."paid_year",
  "t6"."basis_code",
  "t6"."payment_count",
  "t6"."related_unknown_count",
  "t6"."paid_value_fen",
  CAST(CASE
    WHEN "t6"."basis_code" = 'counted'
    THEN CASE
      WHEN "t6"."paid_value_fen" >= 3333333334
      THEN 100000000
      ELSE CAST(FLOOR(
        (
          CAST(CASE WHEN "t6"."paid_value_fen" < 10000000000 THEN "t6"."paid_value_fen" ELSE 0 END AS BIGINT) * 3
        ) / (
          100
        )
      ) AS BIGINT)
    END
    ELSE NULL
  END AS DECIMAL(38, 0)) AS "subsidy_fen"
FROM (
  SELECT
    "t5"."service_body_id",
    "t5"."paid_year",
    "t5"."basis_code",
    COUNT(*) AS "payment_count",
    CAST(SUM("t5"."related_unknown") AS DECIMAL(38, 0)) AS "related_unknown_count",
    CAST(SUM("t5"."paid_value_fen") AS DECIMAL(38, 0)) AS "paid_value_fen"
  FROM (
    SELECT
      "t2"."service_body_id",
      "t2"."paid_year",
      "t2"."paid_value_fen",
      CASE
        WHEN "t4"."known_id" IS NULL
        THEN 'no_contract'
        WHEN "t4"."contract_status" = 'cancelled'
        THEN 'cancelled'
        WHEN "t4"."is_related_party"
        THEN 'related_party'
        WHEN "t2"."service_body_id" IS NULL
        THEN 'no_service_body'
        WHEN "t2"."paid_year" IS NULL
        THEN 'no_year'
        ELSE 'counted'
      END AS "basis_code",
      CASE WHEN "t4"."is_related_party" IS NULL THEN 1 ELSE 0 END AS "related_unknown"
    FROM "paid_values" AS "t2"
    LEFT OUTER JOIN (
      SELECT
        "t1"."contract_id" AS "known_id",
        "t1"."is_related_party",
        "t1"."contract_status"
      FROM "contracts" AS "t1"
    ) AS "t4"
      ON "t2"."contract_id" = "t4"."known_id"
  ) AS "t5"
  GROUP BY
    1,
    2,
    3
) AS "t6"
