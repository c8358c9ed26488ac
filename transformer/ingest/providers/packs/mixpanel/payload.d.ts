/** What Mixpanel sends, as far as the sample shows: other events have other fields, and any may be left out. */
interface Payload {
  action?: string;
  parameters?: {
    mixpanel_project_id?: string;
    mixpanel_cohort_name?: string;
    mixpanel_cohort_id?: string;
    mixpanel_session_id?: string;
    members?: {
      email?: string;
      mixpanel_distinct_id?: string;
    }[];
  };
}
