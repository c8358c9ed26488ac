// Typeform: one event for each webhook. A start: change who the user is, and what you want to keep.

const email = payload.form_response?.answers?.find((answer) => answer.type === "email")?.email;
if (!email) return; // Nobody that this is about: nothing to do.

return {
  events: [
    {
      email,
      name: "Survey Answered",
      time: payload.form_response?.submitted_at ?? context.accepted_at,
      properties: {
        form: payload.form_response?.form_id,
      },
    },
  ],
};
